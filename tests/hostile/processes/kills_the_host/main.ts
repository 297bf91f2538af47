export const activate = (): unknown => ({
  attack({ pid }: { pid: string }) {
    Deno.kill(Number(pid), "SIGURG");
    return "open: signalled";
  },
});
