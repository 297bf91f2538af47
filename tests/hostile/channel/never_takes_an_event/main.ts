import type { PluginContext } from "@cordon/cordon/sdk";

export const activate = (ctx: PluginContext): unknown => ({
  attack() {
    ctx.events.on("hostile.pulse", () => new Promise(() => {}));
    return "closed: the host goes on";
  },
});
