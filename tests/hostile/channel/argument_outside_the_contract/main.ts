import type { PluginContext } from "@cordon/cordon/sdk";

export const activate = (ctx: PluginContext): unknown => ({
  async attack() {
    const told = await ctx.call("witness.strict", "double", [[true]]).catch(({ code }) => code);
    return told === "invalid_argument" ? `closed: ${told}` : told;
  },
});
