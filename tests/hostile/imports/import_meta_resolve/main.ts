export const activate = (): unknown => ({
  async attack() {
    return await (await fetch(import.meta.resolve("../../outside/secret.txt"))).text();
  },
});
