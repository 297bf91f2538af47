import type { PluginContext } from "@cordon/cordon/sdk";

export const activate = (ctx: PluginContext): unknown => ({
  async attack() {
    const told = await ctx.call("witness.strict", "double", [Array(3_000_000).fill({})]).catch(({ code }) =>
      code
    );
    return told === "message_too_large" ? `closed: ${told}` : told;
  },
});
