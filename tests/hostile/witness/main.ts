import type { PluginContext } from "@cordon/cordon/sdk";

/** Stands beside the attacks; whoever harms it has harmed more than itself. */
export function activate(ctx: PluginContext): unknown {
  const felt = new Set<unknown>();
  ctx.events.on("hostile.pulse", (pulse) => void felt.add(pulse));
  return {
    feel: (pulse: unknown) => felt.has(pulse) ? pulse : "nothing",
    secret: () => "told to whoever may call",
  };
}
