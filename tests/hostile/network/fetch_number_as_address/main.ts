export const activate = (): unknown => ({
  async attack({ port }: { port: string }) {
    return await (await fetch(`http://2130706433:${port}/`)).text();
  },
});
