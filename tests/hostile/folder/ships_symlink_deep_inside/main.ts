export const activate = (): unknown => ({
  attack: () => Deno.readTextFile(new URL("./a/b/c/note", import.meta.url)),
});
