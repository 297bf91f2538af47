export const activate = (): unknown => ({
  async attack({ port }: { port: string }) {
    using _connection = await Deno.connect({ transport: "vsock", cid: 2, port: Number(port) } as never);
    return "open: connected";
  },
});
