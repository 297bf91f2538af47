export const activate = (): unknown => ({
  attack({ granted }: { granted: string }) {
    using _listener = Deno.listen({ hostname: "127.0.0.1", port: Number(granted) });
    return "open: listening";
  },
});
