import type { PluginContext } from "@cordon/cordon/sdk";

const { stringify } = JSON;

export const activate = (ctx: PluginContext): unknown => ({
  async attack() {
    const told = new Set<string>();
    for (const ms of ["1e999", "-1", "0", '"long"', "{}", "[5]"]) {
      JSON.stringify = (message) => {
        JSON.stringify = stringify;
        const params = [900, "lock", "hostile.lock", 1, 0, 0, null];
        return stringify({ ...message as object, method: "acquire", params }).replace(
          "0,0,null",
          `0,${ms},null`,
        );
      };
      await ctx.call("witness", "secret").catch(({ code }) => told.add(code));
    }
    return [...told].join() === "invalid_input" ? "closed: invalid_input" : [...told];
  },
});
