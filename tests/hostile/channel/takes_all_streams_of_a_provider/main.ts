import type { PluginContext } from "@cordon/cordon/sdk";

export const activate = (ctx: PluginContext): unknown => ({
  async attack() {
    const taps = await Promise.all(
      Array.from({ length: 100 }, () => ctx.call("witness", "tap").catch(({ code }) => code)),
    );
    return `closed: ${taps.filter((tap) => tap === "too_many_streams").length} were refused`;
  },
});
