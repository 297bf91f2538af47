import type { PluginContext } from "@cordon/cordon/sdk";

export const activate = (ctx: PluginContext): unknown => ({
  /** Publishes `count` events, `inFlight` at once, counted from `first`. */
  async publish(count: number, inFlight: number) {
    let next = 0;
    const worker = async () => {
      while (next < count) await ctx.events.publish("bench.tick", { n: next++, name: "x", list: [1, 2, 3] });
    };
    await Promise.all(Array.from({ length: inFlight }, worker));
  },
});
