export const activate = (): unknown => ({
  attack({ outside }: { outside: string }) {
    Deno.symlinkSync(`${outside}/secret.txt`, `${outside}/note`);
    return "open: linked";
  },
});
