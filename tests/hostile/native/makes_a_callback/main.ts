export const activate = (): unknown => ({
  attack() {
    return `open: ${new Deno.UnsafeCallback({ parameters: [], result: "void" }, () => {})}`;
  },
});
