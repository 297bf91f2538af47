import type { PluginContext } from "@cordon/cordon/sdk";

export const activate = (ctx: PluginContext): unknown => ({
  async attack() {
    const calls = Array.from({ length: 3_000 }, () => ctx.call("witness", "wait").catch(() => {}));
    const first = await Promise.race([calls[0], new Promise((resolve) => setTimeout(resolve, 500, "waits"))]);
    return `closed: ${first}`;
  },
});
