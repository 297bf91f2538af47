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
    const answers: string[] = [];
    for (const method of ["toString", "constructor", "__proto__", "hasOwnProperty", "then"]) {
      forge({ method, params: [] });
      await ctx.call("witness", "secret").then(
        () => answers.push("open"),
        ({ message }) => answers.push(message),
      );
    }
    return answers.every((answer) => answer.endsWith("there is no such method"))
      ? `closed: ${answers}`
      : answers;
  },
});
