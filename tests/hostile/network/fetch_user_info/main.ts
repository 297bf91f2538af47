export const activate = (): unknown => ({
  async attack({ port, granted }: { port: string; granted: string }) {
    return await (await fetch(`http://127.0.0.1:${granted}@127.0.0.1:${port}/`)).text();
  },
});
