export const activate = (): unknown => ({
  attack() {
    const { spawnAndWaitSync } = Deno as unknown as { spawnAndWaitSync: (program: string) => unknown };
    return `open: ${spawnAndWaitSync("/bin/true")}`;
  },
});
