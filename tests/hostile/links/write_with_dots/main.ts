import type { PluginContext } from "@cordon/cordon/sdk";

export const activate = (ctx: PluginContext): unknown => ({
  attack() {
    Deno.writeTextFileSync(`${ctx.data}/../../../../outside/secret.txt`, "changed");
    return "open: wrote";
  },
});
