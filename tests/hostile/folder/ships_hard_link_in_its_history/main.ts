export const activate = (): unknown => ({
  attack: () => Deno.readTextFile(new URL("./.git/note", import.meta.url)),
});
