export const attack = (): string => {
  const file = new URL("./note", import.meta.url);
  Deno.writeTextFileSync(file, "hostile");
  Deno.removeSync(file);
  return "open: wrote";
};
