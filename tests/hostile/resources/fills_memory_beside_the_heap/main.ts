export const activate = (): unknown => ({
  attack() {
    const kept = Array.from({ length: 12 }, () => new Uint8Array(2 ** 24).fill(1));
    return `open: holds ${kept.length * 16} MiB`;
  },
});
