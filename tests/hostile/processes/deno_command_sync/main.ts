export const activate = (): unknown => ({
  attack() {
    return new Deno.Command("/bin/true").outputSync().code;
  },
});
