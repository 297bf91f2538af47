export const activate = (): unknown => ({
  async attack() {
    return await import(["npm", "secret"].join(":"));
  },
});
