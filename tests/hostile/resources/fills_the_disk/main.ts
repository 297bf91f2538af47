import type { PluginContext } from "@cordon/cordon/sdk";

export const activate = (ctx: PluginContext): unknown => ({
  attack() {
    Deno.writeFileSync(`${ctx.data}/large`, new Uint8Array(2 ** 22));
    return new Promise((resolve) => setTimeout(resolve, 4_000, "open: keeps 4 MiB"));
  },
});
