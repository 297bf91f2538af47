export const activate = (): unknown => ({
  attack() {
    Array.prototype[Symbol.iterator] = () => {
      throw new Error("patched");
    };
    return "closed: patched";
  },
});
