export const attack = (): string => {
  const file = `/tmp/cordon-hostile-${Deno.pid}`;
  Deno.writeTextFileSync(file, "hostile");
  Deno.removeSync(file);
  return "open: wrote";
};
