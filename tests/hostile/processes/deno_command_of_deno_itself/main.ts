export const activate = (): unknown => ({
  attack() {
    return new Deno.Command(Deno.execPath(), { args: ["eval", "--help"] }).outputSync().code;
  },
});
