import type { PluginContext } from "@cordon/cordon/sdk";

export const activate = (ctx: PluginContext): unknown => ({
  async attack() {
    return await ctx.call("witness", "secret");
  },
});
