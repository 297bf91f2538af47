export const activate = (): unknown => ({
  async attack() {
    await using _server = Deno.serve({ port: 0 }, () => new Response());
    return "open: listening";
  },
});
