export const attack = (): string => {
  Deno.listen({ hostname: "127.0.0.1", port: 0 }).close();
  return "open: listened";
};
