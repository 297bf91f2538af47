import type { PluginContext } from "@cordon/cordon/sdk";

export const activate = (ctx: PluginContext): unknown => ({
  async attack() {
    const told = await ctx.call("witness.strict", "double", [
      Array(400_000).fill({ deep: 1 }).concat({ deep: "x" }),
    ]).catch(({ code }) => code);
    return told === "invalid_argument" ? `closed: ${told}` : told;
  },
});
