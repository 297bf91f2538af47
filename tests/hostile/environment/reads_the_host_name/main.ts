export const activate = (): unknown => ({
  attack() {
    return `open: ${Deno.hostname()}`;
  },
});
