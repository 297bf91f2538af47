import type { PluginContext } from "@cordon/cordon/sdk";
import { createWriteStream } from "node:fs";

export const activate = (ctx: PluginContext): unknown => ({
  async attack({ outside }: { outside: string }) {
    const note = `${ctx.data}/note`;
    await new Promise<void>((resolve, reject) => {
      createWriteStream(`${outside}/secret.txt`, { flags: "a" }).on("error", reject).on("finish", resolve)
        .end(note);
    });
    return "open: wrote";
  },
});
