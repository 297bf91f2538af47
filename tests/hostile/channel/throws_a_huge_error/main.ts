import type { PluginContext } from "@cordon/cordon/sdk";

export const activate = (ctx: PluginContext): unknown => ({
  attack() {
    throw new Error(`${"x".repeat(15_000_000)} ${ctx.id}`);
  },
});
