import type { PluginContext } from "@cordon/cordon/sdk";

export const activate = (ctx: PluginContext): unknown => ({
  async attack() {
    await ctx.events.publish("hostile.pulse", "forged");
    return "open: published";
  },
});
