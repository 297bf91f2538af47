export const activate = (): unknown => ({
  attack() {
    using _listener = Deno.listen({ transport: "unix", path: "socket" });
    return "open: listening";
  },
});
