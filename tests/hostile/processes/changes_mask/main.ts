export const activate = (): unknown => ({
  attack() {
    return `open: ${Deno.umask(0)}`;
  },
});
