export const activate = (): unknown => ({
  async attack() {
    const name = ["jsr", "@std/path"].join(":");
    return await import(name);
  },
});
