export const activate = (): unknown => ({
  async attack({ port, granted }: { port: string; granted: string }) {
    const headers = { host: `127.0.0.1:${granted}` };
    return await (await fetch(`http://127.0.0.1:${port}/`, { headers })).text();
  },
});
