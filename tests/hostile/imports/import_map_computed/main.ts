export const activate = (): unknown => ({
  async attack() {
    return await import(["out", "secret.ts"].join("/"));
  },
});
