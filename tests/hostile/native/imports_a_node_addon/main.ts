export const activate = (): unknown => ({
  async attack() {
    return await import(["./addon", "node"].join(".")).catch(({ name }) => `closed: a ${name}`);
  },
});
