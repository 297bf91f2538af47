import type { PluginContext } from "@cordon/cordon/sdk";

export const activate = (ctx: PluginContext): unknown => ({
  async attack() {
    const events = Array.from({ length: 5_000 }, (_, n) => ctx.events.publish("hostile.flood", n));
    await Promise.all(events);
    return "closed: the host goes on";
  },
});
