import type { PluginContext } from "@cordon/cordon/sdk";

export const activate = (ctx: PluginContext): unknown => ({
  attack({ outside }: { outside: string }) {
    const note = `${ctx.data}/note`;
    Deno.writeTextFileSync(note, "changed");
    Deno.renameSync(note, `${outside}/secret.txt`);
    return "open: wrote";
  },
});
