import type { PluginContext } from "@cordon/cordon/sdk";

export const activate = (ctx: PluginContext): unknown => ({
  async attack() {
    const value = "x".repeat(60_000);
    for (let n = 0; n < 100; n++) await ctx.events.publish("hostile.kept", value);
    return "closed: the host goes on";
  },
});
