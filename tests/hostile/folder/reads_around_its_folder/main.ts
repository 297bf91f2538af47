export const activate = (): unknown => ({
  async attack() {
    return (await Array.fromAsync(Deno.readDir(new URL("../", import.meta.url)))).map(({ name }) => name);
  },
});
