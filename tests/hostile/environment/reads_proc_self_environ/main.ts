export const activate = (): unknown => ({
  async attack() {
    return await Deno.readTextFile("/proc/self/environ");
  },
});
