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
    const told: string[] = [];
    for (const [id, size] of [[900, 2 ** 52], [901, -1], [902, 0.5]]) {
      forge({ method: "blobWrite", params: [id, "hostile.blob", size, "", null] });
      await ctx.call("witness", "secret").catch(({ code }) => told.push(code));
    }
    await ctx.resources.blob("hostile.blob").write(new Uint8Array(2_000_000)).catch(({ code }) =>
      told.push(code)
    );
    return `closed: ${told}`;
  },
});
