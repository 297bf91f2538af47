import type { PluginContext } from "@cordon/cordon/sdk";

const { stringify } = JSON;

/** Sends another message in the place of the next. */
function forge(change: object) {
  JSON.stringify = (message) => {
    JSON.stringify = stringify;
    return stringify({ ...message as object, ...change });
  };
}

export const activate = (ctx: PluginContext): unknown => ({
  async attack() {
    for (
      const value of [{ taken: 1e9 }, { taken: -1 }, "all", { taken: 1, errors: [[0, "x".repeat(9e6)]] }]
    ) {
      const stop = ctx.events.on("hostile.own", () => forge({ value }));
      await ctx.events.publish("hostile.own", 1);
      await new Promise((resolve) => setTimeout(resolve, 50));
      stop();
    }
    return "closed: the host goes on";
  },
});
