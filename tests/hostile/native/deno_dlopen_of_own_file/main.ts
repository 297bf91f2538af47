export const activate = (): unknown => ({
  attack() {
    return `open: ${Deno.dlopen(new URL("./own.so", import.meta.url), {})}`;
  },
});
