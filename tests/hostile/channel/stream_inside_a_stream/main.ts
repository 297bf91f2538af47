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
    send(ctx, '[{"type":"chunk","stream":7,"value":[null]},[],[[["value",0],8]]]');
    return new Promise<string>(() => {});
  },
});
