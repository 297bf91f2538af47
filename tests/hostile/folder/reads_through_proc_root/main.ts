export const activate = (): unknown => ({
  async attack({ outside }: { outside: string }) {
    return await Deno.readTextFile(`/proc/self/root${outside}/secret.txt`);
  },
});
