import type { PluginContext } from "@cordon/cordon/sdk";

export const activate = (ctx: PluginContext): unknown => ({
  attack() {
    return `${ctx.id} ${"x".repeat(17_000_000)}`;
  },
});
