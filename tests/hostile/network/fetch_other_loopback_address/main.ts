export const activate = (): unknown => ({
  async attack({ port }: { port: string }) {
    return await (await fetch(`http://127.0.0.2:${port}/`)).text();
  },
});
