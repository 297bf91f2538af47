export const activate = (): unknown => ({
  async attack({ port }: { port: string }) {
    return await (await fetch(`http://0.0.0.0:${port}/`)).text();
  },
});
