export const activate = (): unknown => ({
  async attack({ port }: { port: string }) {
    using _connection = await Deno.connect({ hostname: "::1", port: Number(port) });
    return "open: connected";
  },
});
