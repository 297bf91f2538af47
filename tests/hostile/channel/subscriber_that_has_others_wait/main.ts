import type { PluginContext } from "@cordon/cordon/sdk";

export const activate = (ctx: PluginContext): unknown => ({
  async attack() {
    ctx.events.on("hostile.blocked", () => new Promise(() => {}), { queue: 1, overflow: "block" });
    await ctx.events.publish("hostile.blocked", "taken and never finished");
    await ctx.events.publish("hostile.blocked", "waits in the queue");
    await ctx.events.publish("hostile.blocked", "is waited for", { timeoutMs: 200 }).catch(() => {});
    for (let n = 0; n < 1_000; n++) await ctx.events.publish("hostile.blocked", n);
    return "closed: nobody waits any more";
  },
});
