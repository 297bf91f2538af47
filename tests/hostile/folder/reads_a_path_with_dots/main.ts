export const activate = (): unknown => ({
  async attack() {
    return await Deno.readTextFile(`${import.meta.dirname}/x/../../../outside/secret.txt`);
  },
});
