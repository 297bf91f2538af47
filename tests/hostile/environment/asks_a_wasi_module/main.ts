import { WASI } from "node:wasi";

export const activate = (): unknown => ({
  attack() {
    const wasi = new WASI({ version: "preview1" });
    const memory = new WebAssembly.Memory({ initial: 1 });
    wasi.initialize({ exports: { memory } });
    wasi.wasiImport.environ_sizes_get(0, 4);
    const [count] = new Uint32Array(memory.buffer);
    return count === 0 ? "closed: it has no variables" : `open: ${count} variables`;
  },
});
