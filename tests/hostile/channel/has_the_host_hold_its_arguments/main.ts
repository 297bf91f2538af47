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
    await ctx.resources.lock("hostile.lock");
    const told = new Set<string>();
    for (let id = 900; id < 920; id++) {
      const filler = "x".repeat(8_000_000);
      forge({ method: "acquire", params: [id, "lock", "hostile.lock", 1, 60_000, 1_000, [], filler] });
      const waiting = ctx.call("witness", "secret").catch(({ code }) => told.add(code));
      await Promise.race([waiting, ctx.events.publish("hostile.own", id)]);
    }
    return told.has("too_many_calls") ? "closed: too_many_calls" : [...told];
  },
});
