import type { PluginContext } from "@cordon/cordon/sdk";

export const activate = (ctx: PluginContext): unknown => ({
  attack({ outside }: { outside: string }) {
    const note = `${ctx.data}/note`;
    Deno.renameSync(`${outside}/secret.txt`, note);
    return Deno.readTextFileSync(note);
  },
});
