export const attack = (): string => {
  Deno.openSync("/dev/mem").close();
  return "open: opened";
};
