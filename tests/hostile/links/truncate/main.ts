export const activate = (): unknown => ({
  attack({ outside }: { outside: string }) {
    Deno.truncateSync(`${outside}/secret.txt`);
    return "open: emptied";
  },
});
