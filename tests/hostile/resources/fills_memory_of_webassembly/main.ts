export const activate = (): unknown => ({
  attack() {
    const memory = new WebAssembly.Memory({ initial: 3_072 });
    new Uint8Array(memory.buffer).fill(1);
    // It stays that large until it is ended.
    const words = `open: holds ${memory.buffer.byteLength / 2 ** 20} MiB`;
    return new Promise((resolve) => setTimeout(() => resolve(`${words} of ${memory.buffer}`), 4_000));
  },
});
