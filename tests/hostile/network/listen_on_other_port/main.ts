export const activate = (): unknown => ({
  attack({ port }: { port: string }) {
    using _listener = Deno.listen({ hostname: "127.0.0.1", port: 1 + Number(port) });
    return "open: listening";
  },
});
