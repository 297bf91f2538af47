export const activate = (): unknown => ({
  attack() {
    return `open: ${Deno.dlopen("/lib/x86_64-linux-gnu/libc.so.6", {})}`;
  },
});
