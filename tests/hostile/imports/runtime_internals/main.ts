export const activate = (): unknown => ({
  async attack() {
    return `open: ${Object.keys(await import(["ext", "core/ops"].join(":")))}`;
  },
});
