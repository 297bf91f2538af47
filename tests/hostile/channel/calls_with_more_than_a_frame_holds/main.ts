import type { PluginContext } from "@cordon/cordon/sdk";

export const activate = (ctx: PluginContext): unknown => ({
  async attack() {
    const told = await ctx.call("witness", "feel", ["x".repeat(17_000_000)]).catch(({ code }) => code);
    return told === "message_too_large" ? `closed: ${told}` : told;
  },
});
