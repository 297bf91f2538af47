import type { PluginContext } from "@cordon/cordon/sdk";

export const activate = (ctx: PluginContext): unknown => ({
  attack() {
    const note = `${ctx.data}/note`;
    Deno.writeTextFileSync(`${note}.txt`, "own");
    Deno.symlinkSync(`${note}.txt`, note);
    return Deno.readTextFileSync(note);
  },
});
