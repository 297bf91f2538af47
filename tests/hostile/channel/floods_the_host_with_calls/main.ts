import type { PluginContext } from "@cordon/cordon/sdk";

export const activate = (ctx: PluginContext): unknown => ({
  async attack() {
    const calls = Array.from({ length: 5_000 }, () => ctx.call("witness", "secret").catch(() => {}));
    await Promise.all(calls);
    return "closed: the host goes on";
  },
});
