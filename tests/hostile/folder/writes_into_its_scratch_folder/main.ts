export const activate = (): unknown => ({
  async attack() {
    await Deno.writeTextFile("note.txt", "x");
    return "open: wrote";
  },
});
