import type { PluginContext } from "@cordon/cordon/sdk";

export const activate = (ctx: PluginContext): unknown => ({
  async attack() {
    const told = await ctx.events.publish("hostile.own", ReadableStream.from([1])).catch(({ code }) => code);
    return told === "invalid_input" ? `closed: ${told}` : told;
  },
});
