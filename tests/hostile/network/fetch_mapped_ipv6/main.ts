export const activate = (): unknown => ({
  async attack({ port }: { port: string }) {
    return await (await fetch(`http://[::ffff:127.0.0.1]:${port}/`)).text();
  },
});
