import type { PluginContext } from "@cordon/cordon/sdk";

const { stringify } = JSON;

export const activate = (ctx: PluginContext): unknown => ({
  async attack() {
    const told = new Set<string>();
    for (
      const options of ['{"__proto__":{"queue":9}}', '{"queue":1e999}', '{"from":{"position":-1}}', "[]", "7"]
    ) {
      JSON.stringify = (message) => {
        JSON.stringify = stringify;
        return stringify({ ...message as object, method: "subscribe", params: [1, "hostile.pulse", 0] })
          .replace(",0]", `,${options}]`);
      };
      await ctx.call("witness", "secret").catch(({ code }) => told.add(code));
    }
    return [...told].join() === "invalid_input" ? "closed: invalid_input" : [...told];
  },
});
