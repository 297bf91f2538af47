export const activate = (): unknown => ({
  async attack() {
    return (await new Deno.Command("/bin/true").output()).code;
  },
});
