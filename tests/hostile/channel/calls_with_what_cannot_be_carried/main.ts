import type { PluginContext } from "@cordon/cordon/sdk";

export const activate = (ctx: PluginContext): unknown => ({
  async attack() {
    const told = await ctx.call("witness", "feel", [() => 1]).catch(({ name }) => name);
    return told === "TypeError" ? `closed: ${told}` : told;
  },
});
