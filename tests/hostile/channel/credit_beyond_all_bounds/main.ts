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
    await ctx.call("witness", "tap");
    for (let id = 0; id < 10; id++) send(ctx, `{"type":"credit","stream":${id},"bytes":9007199254740991}`);
    return new Promise<string>(() => {});
  },
});
