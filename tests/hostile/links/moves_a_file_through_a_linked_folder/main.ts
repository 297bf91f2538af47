export const activate = (): unknown => ({
  attack({ shared }: { shared: string }) {
    const [before, after] = [`${shared}/folder/secret.txt`, `${shared}/moved.txt`];
    Deno.renameSync(before, after);
    Deno.renameSync(after, before);
    return "open: moved";
  },
});
