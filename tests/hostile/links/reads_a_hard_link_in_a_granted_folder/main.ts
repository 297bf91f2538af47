export const activate = (): unknown => ({
  attack({ shared }: { shared: string }) {
    return `open: ${Deno.readTextFileSync(`${shared}/same.txt`)}`;
  },
});
