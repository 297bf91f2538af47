import type { PluginContext } from "@cordon/cordon/sdk";
import { symlinkSync } from "node:fs";

export const activate = (ctx: PluginContext): unknown => ({
  attack({ outside }: { outside: string }) {
    const note = `${ctx.data}/note`;
    symlinkSync(`${outside}/secret.txt`, note);
    return Deno.readTextFileSync(note);
  },
});
