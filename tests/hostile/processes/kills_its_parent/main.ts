export const activate = (): unknown => ({
  attack() {
    Deno.kill(Deno.ppid, "SIGURG");
    return "open: signalled";
  },
});
