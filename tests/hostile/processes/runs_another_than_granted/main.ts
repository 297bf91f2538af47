export const activate = (): unknown => ({
  attack() {
    return new Deno.Command("/bin/ls").outputSync().code;
  },
});
