export const activate = (): unknown => ({
  attack() {
    return `open: ${Deno.UnsafePointer.create(4_096n)}`;
  },
});
