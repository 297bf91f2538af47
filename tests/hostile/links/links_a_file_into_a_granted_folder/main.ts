export const activate = (): unknown => ({
  attack({ shared }: { shared: string }) {
    const link = `${shared}/hard.txt`;
    Deno.linkSync(`${shared}/folder/secret.txt`, link);
    const secret = Deno.readTextFileSync(link);
    Deno.removeSync(link);
    return `open: ${secret}`;
  },
});
