export const activate = (): unknown => ({
  async attack({ outside }: { outside: string }) {
    return await Deno.readTextFile(`${outside}/secret.txt`);
  },
});
