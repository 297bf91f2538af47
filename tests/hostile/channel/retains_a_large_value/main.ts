import type { PluginContext } from "@cordon/cordon/sdk";

export const activate = (ctx: PluginContext): unknown => ({
  async attack() {
    const told = await ctx.events.publish("hostile.last", "x".repeat(100_000)).catch(({ code }) => code);
    return told === "too_large" ? `closed: ${told}` : told;
  },
});
