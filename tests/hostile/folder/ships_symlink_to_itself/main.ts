export const activate = (): unknown => ({
  attack: () => Deno.readTextFile(new URL("./note/note/plugin.toml", import.meta.url)),
});
