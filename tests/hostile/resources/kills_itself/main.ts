export const activate = (): unknown => ({
  attack() {
    Deno.kill(Deno.pid, "SIGKILL");
    return new Promise(() => {});
  },
});
