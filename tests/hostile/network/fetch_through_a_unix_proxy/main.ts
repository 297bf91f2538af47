export const activate = (): unknown => ({
  async attack({ socket, granted }: { socket: string; granted: string }) {
    const client = Deno.createHttpClient({ proxy: { transport: "unix", path: socket } });
    return await (await fetch(`http://127.0.0.1:${granted}/`, { client })).text();
  },
});
