export const activate = (): unknown => ({
  async attack() {
    const name = ["npm", "left-pad"].join(":");
    return await import(name);
  },
});
