export const activate = (): unknown => ({
  attack() {
    const { pid } = new Deno.Command("/usr/bin/sleep", { args: ["10"], stdin: "null" }).spawn();
    return `open: it sleeps as ${pid}`;
  },
});
