export const activate = (): unknown => ({
  attack() {
    const { pid } = new Deno.Command("/usr/bin/sleep", { args: ["600"], stdin: "null", detached: true })
      .spawn();
    return `closed: ${pid} sleeps on, but has to end with its plugin`;
  },
});
