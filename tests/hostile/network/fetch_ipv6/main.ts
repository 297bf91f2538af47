export const activate = (): unknown => ({
  async attack({ port }: { port: string }) {
    return await (await fetch(`http://[::1]:${port}/`)).text();
  },
});
