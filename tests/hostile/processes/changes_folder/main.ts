export const activate = (): unknown => ({
  attack() {
    Deno.chdir("/");
    return `open: ${Deno.cwd()}`;
  },
});
