export const activate = (): unknown => ({
  attack() {
    return Deno.networkInterfaces();
  },
});
