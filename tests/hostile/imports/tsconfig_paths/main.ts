export const activate = (): unknown => ({
  async attack() {
    return await import(["mapped", "secret"].join("-"));
  },
});
