import type { PluginContext } from "@cordon/cordon/sdk";
import { cpSync } from "node:fs";

export const activate = (ctx: PluginContext): unknown => ({
  attack({ outside }: { outside: string }) {
    const note = `${ctx.data}/note`;
    cpSync(outside, note, { recursive: true });
    return Deno.readTextFileSync(`${note}/secret.txt`);
  },
});
