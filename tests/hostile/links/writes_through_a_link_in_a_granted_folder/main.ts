export const activate = (): unknown => ({
  attack({ shared }: { shared: string }) {
    Deno.openSync(`${shared}/link.txt`, { append: true }).close();
    return "open: it can be written to";
  },
});
