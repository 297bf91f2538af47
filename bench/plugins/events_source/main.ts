import type { PluginContext } from "@cordon/cordon/sdk";

export const activate = (ctx: PluginContext): unknown => ({
  /** Publishes `count` events, `inFlight` at once. */
  async publish(count: number, inFlight: number, value: object) {
    let next = 0;
    const worker = async () => {
      while (next < count) await ctx.events.publish("bench.tick", { n: next++, ...value });
    };
    await Promise.all(Array.from({ length: inFlight }, worker));
  },
});
