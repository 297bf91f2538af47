export const activate = (): unknown => ({
  attack() {
    Deno.exit(3);
  },
});
