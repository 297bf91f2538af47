export const activate = (): unknown => ({
  attack() {
    Deno.env.set("LD_PRELOAD", "/tmp/evil.so");
    return "open: set";
  },
});
