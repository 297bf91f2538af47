import type { PluginContext } from "@cordon/cordon/sdk";

export const activate = (ctx: PluginContext): unknown => ({
  async attack() {
    const { signal } = await ctx.resources.lock("hostile.kept-lock", { leaseMs: 100 });
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
    return `closed: ${signal.reason.code}`;
  },
});
