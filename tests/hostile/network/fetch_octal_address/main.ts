export const activate = (): unknown => ({
  async attack({ port }: { port: string }) {
    return await (await fetch(`http://0177.0.0.1:${port}/`)).text();
  },
});
