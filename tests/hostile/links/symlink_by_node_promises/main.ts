import type { PluginContext } from "@cordon/cordon/sdk";
import { symlink } from "node:fs/promises";

export const activate = (ctx: PluginContext): unknown => ({
  async attack({ outside }: { outside: string }) {
    const note = `${ctx.data}/note`;
    await symlink(outside, note, "dir");
    return Deno.readTextFileSync(`${note}/secret.txt`);
  },
});
