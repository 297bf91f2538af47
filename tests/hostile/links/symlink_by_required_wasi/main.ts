import type { PluginContext } from "@cordon/cordon/sdk";
import { createRequire } from "node:module";

export const activate = (ctx: PluginContext): unknown => ({
  attack({ outside }: { outside: string }) {
    const note = `${ctx.data}/note`;
    const { WASI } = createRequire(import.meta.url)("wasi");
    const wasi = new WASI({ version: "preview1", preopens: { "/data": ctx.data } });
    return `open: ${wasi.wasiImport.path_symlink(outside, note)}`;
  },
});
