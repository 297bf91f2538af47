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
    for (let id = 500; id < 2_500; id++) send(ctx, stringify({ type: "result", id, value: "forged" }));
    return "closed: the host goes on";
  },
});
