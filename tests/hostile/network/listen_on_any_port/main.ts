export const activate = (): unknown => ({
  attack() {
    using _listener = Deno.listen({ port: 0 });
    return "open: listening";
  },
});
