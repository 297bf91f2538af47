export const activate = (): unknown => ({
  attack() {
    const kept = Array.from({ length: 12 }, () => new Uint8Array(2 ** 24).fill(1));
    // It stays that large until it is ended.
    return new Promise((resolve) => setTimeout(resolve, 4_000, `open: holds ${kept.length * 16} MiB`));
  },
});
