export const activate = (): unknown => ({
  async attack() {
    const name = ["./inner", "wasm"].join(".");
    return (await import(name)).default;
  },
});
