export const activate = (): unknown => ({
  attack() {
    Deno.stdout.writeSync(new TextEncoder().encode("x".repeat(60_000)));
    return "closed: the host goes on";
  },
});
