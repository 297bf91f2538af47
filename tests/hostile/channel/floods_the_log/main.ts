import type { PluginContext } from "@cordon/cordon/sdk";

export const activate = (ctx: PluginContext): unknown => ({
  attack() {
    for (let n = 0; n < 20_000; n++) ctx.log.info("x".repeat(100), { n });
    return "closed: the host goes on";
  },
});
