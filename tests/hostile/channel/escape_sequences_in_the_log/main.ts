import type { PluginContext } from "@cordon/cordon/sdk";

export const activate = (ctx: PluginContext): unknown => ({
  attack() {
    ctx.log.info("\u001b[2J\u001b]0;owned\u0007 \u202etxt.exe \u009b31m");
    return "closed: the host goes on";
  },
});
