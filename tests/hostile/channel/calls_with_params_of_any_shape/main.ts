import type { PluginContext } from "@cordon/cordon/sdk";

const { stringify } = JSON;

/** Sends a text in the place of a message. */
function send(ctx: PluginContext, text: string) {
  JSON.stringify = () => {
    JSON.stringify = stringify;
    return text;
  };
  ctx.log.info("carrier");
}

export const activate = (ctx: PluginContext): unknown => ({
  attack() {
    for (const params of [null, {}, [[]], [{}, {}], "text", Array(1_000).fill(0)]) {
      send(ctx, stringify({ type: "call", id: 9, method: "subscribe", params: [params] }));
    }
    return "closed: the host goes on";
  },
});
