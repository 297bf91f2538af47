export const activate = (): unknown => ({
  async attack({ outside }: { outside: string }) {
    using _connection = await Deno.connect({ transport: "unix", path: `${outside}/socket` });
    return "open: connected";
  },
});
