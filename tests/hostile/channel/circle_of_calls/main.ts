import type { PluginContext } from "@cordon/cordon/sdk";

export const activate = (ctx: PluginContext): unknown => ({
  loop: () => ctx.call("witness", "visit", ["hostile.circle", "loop", []]),
  attack: async () => `closed: ${await ctx.call("witness", "visit", ["hostile.circle", "loop", []])}`,
});
