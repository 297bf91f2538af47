export const activate = (): unknown => ({
  async attack({ port, granted }: { port: string; granted: string }) {
    const client = Deno.createHttpClient({
      proxy: { transport: "tcp", hostname: "127.0.0.1", port: Number(port) },
    });
    return await (await fetch(`http://127.0.0.1:${granted}/`, { client })).text();
  },
});
