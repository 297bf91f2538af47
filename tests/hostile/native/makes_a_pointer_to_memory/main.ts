export const activate = (): unknown => ({
  attack() {
    return `open: ${Deno.UnsafePointer.of(new Uint8Array(8))}`;
  },
});
