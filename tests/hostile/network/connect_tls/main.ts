export const activate = (): unknown => ({
  async attack({ port }: { port: string }) {
    using _connection = await Deno.connectTls({ hostname: "127.0.0.1", port: Number(port) });
    return "open: connected";
  },
});
