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
    const params = [900, "semaphore", "hostile.permits", 1, 0, 1_000, null];
    forge({ method: "acquire", params });
    await ctx.call("witness", "secret");
    forge({ method: "acquire", params });
    const told = await ctx.call("witness", "secret").catch(({ code }) => code);
    return told === "invalid_input" ? `closed: ${told}` : told;
  },
});
