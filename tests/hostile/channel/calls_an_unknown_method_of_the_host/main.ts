import type { PluginContext } from "@cordon/cordon/sdk";

const { stringify } = JSON;

/** Sends another message in the place of the next. */
function forge(change: object) {
  JSON.stringify = (message) => {
    JSON.stringify = stringify;
    return stringify({ ...message as object, ...change });
  };
}

export const activate = (ctx: PluginContext): unknown => ({
  async attack() {
    forge({ method: "reboot", params: [] });
    const told = await ctx.call("witness", "secret").catch(({ code }) => code);
    return told === "method_not_found" ? `closed: ${told}` : told;
  },
});
