export const activate = (): unknown => ({
  attack: () => Deno.readTextFile(new URL("./note/hostname", import.meta.url)),
});
