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
    const { id } = ctx.currentCall as unknown as { id: number };
    send(ctx, `{"type":"result","id":${id},"value":"closed: the first answer"}`);
    send(ctx, `{"type":"error","id":${id},"error":{"name":"E","message":"the second"}}`);
    return "open: the third";
  },
});
