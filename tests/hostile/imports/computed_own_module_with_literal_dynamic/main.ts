export const activate = (): unknown => ({
  async attack() {
    const name = ["./inner", "ts"].join(".");
    return (await import(name)).default;
  },
});
