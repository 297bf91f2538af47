export const activate = (): unknown => ({
  attack() {
    const kept: unknown[] = [];
    for (;;) kept.push(new Array(10_000).fill(kept.length));
  },
});
