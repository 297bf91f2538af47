export const activate = (): unknown => ({
  attack() {
    TextEncoder.prototype.encodeInto = TextDecoder.prototype.decode = () => {
      throw new Error("patched");
    };
    return "closed: patched";
  },
});
