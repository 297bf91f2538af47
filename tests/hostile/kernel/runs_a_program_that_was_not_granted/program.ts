export const attack = (): string => {
  const { stdout } = new Deno.Command("/bin/echo", { args: ["open: ran"] }).outputSync();
  return new TextDecoder().decode(stdout);
};
