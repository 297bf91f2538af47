import type { PluginContext } from "@cordon/cordon/sdk";

export const activate = (ctx: PluginContext): unknown => ({
  async attack() {
    for (let n = 0; n < 200; n++) ctx.call("witness", "large").catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 20));
    const until = performance.now() + 700;
    while (performance.now() < until);
    return "closed: the host goes on";
  },
});
