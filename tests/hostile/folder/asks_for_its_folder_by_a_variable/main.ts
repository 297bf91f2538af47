export const activate = (): unknown => ({
  async attack({ outside }: { outside: string }) {
    await Deno.writeTextFile(`${outside}/secret.txt`, "changed");
    return "open: wrote";
  },
});
