import type { PluginContext } from "@cordon/cordon/sdk";

export const activate = (ctx: PluginContext): unknown => ({
  attack() {
    ctx.log.info("x".repeat(15_000_000));
    return "closed: the host goes on";
  },
});
