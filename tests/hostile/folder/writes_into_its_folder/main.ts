export const activate = (): unknown => ({
  async attack() {
    await Deno.writeTextFile(new URL("./main.ts", import.meta.url), "// changed");
    return "open: changed its code";
  },
});
