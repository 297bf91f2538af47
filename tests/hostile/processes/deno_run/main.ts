export const activate = (): unknown => ({
  attack() {
    const { run } = Deno as unknown as { run: (options: object) => unknown };
    return `open: ${run({ cmd: ["/bin/true"] })}`;
  },
});
