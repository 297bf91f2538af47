import type { PluginContext } from "@cordon/cordon/sdk";

export const activate = (ctx: PluginContext): unknown => ({
  async attack() {
    const reader = (await ctx.call("witness", "tap") as ReadableStream<unknown>).getReader();
    await new Promise((resolve) => setTimeout(resolve, 500));
    for (let n = 0; n < 100; n++) {
      const told = await reader.read().catch(({ code }) => code);
      if (typeof told === "string") return `closed: ${told}`;
    }
    return "open: it goes on";
  },
});
