import type { PluginContext } from "@cordon/cordon/sdk";

export const activate = (ctx: PluginContext): unknown => ({
  async attack() {
    const told = new Set<string>();
    for (const name of ["__proto__", "constructor", "toString", "hostile.other"]) {
      await ctx.resources.lock(name).catch(({ code }) => told.add(code));
      await ctx.resources.counter(name).add(1).catch(({ code }) => told.add(code));
    }
    return [...told].join() === "not_declared" ? "closed: not_declared" : [...told];
  },
});
