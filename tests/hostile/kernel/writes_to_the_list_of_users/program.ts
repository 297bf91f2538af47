export const attack = (): string => {
  Deno.openSync("/etc/passwd", { append: true }).close();
  return "open: it can be written to";
};
