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
    const told = await Promise.all([0, 1, 999_999].map((within) => {
      forge({
        method: "call",
        params: ["witness", "wait", []],
        within,
        timeoutMs: 1e15,
        trace: "\u001b[31mforged",
      });
      return ctx.call("witness", "secret").catch(({ code }) => code);
    }));
    return told.every((code) => code === "deadline_exceeded") ? `closed: ${told}` : told;
  },
});
