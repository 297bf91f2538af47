export const activate = (): unknown => ({
  attack() {
    const { spawn } = Deno as unknown as { spawn: (program: string) => unknown };
    return `open: ${spawn("/bin/true")}`;
  },
});
