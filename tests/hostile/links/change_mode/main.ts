export const activate = (): unknown => ({
  attack({ outside }: { outside: string }) {
    Deno.chmodSync(`${outside}/secret.txt`, 0o777);
    return "open: changed";
  },
});
