export const activate = (): unknown => ({
  attack() {
    const memory = new WebAssembly.Memory({ initial: 3_072 });
    new Uint8Array(memory.buffer).fill(1);
    return `open: holds ${memory.buffer.byteLength / 2 ** 20} MiB`;
  },
});
