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
    for (const name of ["witness", "__proto__", "never.used"]) {
      send(
        ctx,
        `{"type":"notify","method":"capability","params":["${name}",{"provider":{"id":"x"},"methods":["toString"]}]}`,
      );
    }
    return `closed: ${await ctx.call("witness", "secret")}`;
  },
});
