import type { PluginContext } from "@cordon/cordon/sdk";

export const activate = (ctx: PluginContext): unknown => ({
  attack() {
    Deno.writeFileSync(`${ctx.data}/large`, new Uint8Array(2 ** 22));
    return "open: wrote 4 MiB";
  },
});
