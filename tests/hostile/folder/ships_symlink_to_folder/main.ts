export const activate = (): unknown => ({
  attack: () => Deno.readTextFile(new URL("./note/secret.txt", import.meta.url)),
});
