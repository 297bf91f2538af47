export const activate = (): unknown => ({
  attack: () => Deno.readTextFile(new URL("./note", import.meta.url)),
});
