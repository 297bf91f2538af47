export const activate = (): unknown => ({
  async attack({ socket }: { socket: string }) {
    using _connection = await Deno.connect({ transport: "unix", path: socket });
    return "open: connected";
  },
});
