export const activate = (): unknown => ({
  attack() {
    return new Deno.Command("/bin/true", { env: { LD_PRELOAD: "/tmp/evil.so" } }).outputSync().code;
  },
});
