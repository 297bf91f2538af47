import type { PluginContext } from "@cordon/cordon/sdk";

export const activate = (ctx: PluginContext): unknown => ({
  odd: () => ({ no: "number" }),
  attack: async () => `closed: ${await ctx.call("witness", "visit", ["hostile.odd", "odd", []])}`,
});
