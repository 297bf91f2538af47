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
    for (let n = 0; n < 500; n++) {
      send(ctx, stringify({ type: "call", id: 7, method: "use", params: ["witness"] }));
    }
    return "closed: the host goes on";
  },
});
