import type { PluginContext } from "@cordon/cordon/sdk";

export const activate = (ctx: PluginContext): unknown => ({
  async attack() {
    const felt = await ctx.call("witness", "feel", ["x"], { timeoutMs: 1e300 });
    return felt === "nothing" ? "closed: answered" : felt;
  },
});
