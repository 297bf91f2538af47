export const activate = (): unknown => ({
  async attack() {
    return await Deno.readTextFile(`${import.meta.dirname}/\0/../../../outside/secret.txt`);
  },
});
