import type { PluginContext } from "@cordon/cordon/sdk";

/** Stands beside the attacks; whoever harms it has harmed more than itself. */
export function activate(ctx: PluginContext): unknown {
  const felt = new Set<unknown>();
  ctx.events.on("hostile.pulse", (pulse) => void felt.add(pulse));
  return {
    feel: (pulse: unknown) => felt.has(pulse) ? pulse : "nothing",
    secret: () => "told to whoever may call",
    double: (list: unknown[]) => 2 * list.length,
    large: () => new Uint8Array(4_000_000),
    wait: () => new Promise(() => {}),
    /** Calls an attack, and says what it came to. */
    async visit(capability: string, method: string, args: unknown[]) {
      try {
        return await ctx.call(capability, method, args);
      } catch (error) {
        return `${(error as { code: string }).code}: ${(error as Error).message}`;
      }
    },
    /** Reads a stream to its end. */
    async drain(stream: AsyncIterable<unknown>) {
      let count = 0;
      for await (const _ of stream) count++;
      return count;
    },
    /** Has no end. */
    async *tap() {
      for (;;) yield new Uint8Array(64 * 1024);
    },
  };
}
