export const activate = (): unknown => ({
  attack() {
    Promise.prototype.then = Promise.prototype.catch = () => {
      throw new Error("patched");
    };
    return "closed: patched";
  },
});
