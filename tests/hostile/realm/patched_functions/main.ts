export const activate = (): unknown => ({
  attack() {
    Function.prototype.call = Function.prototype.apply = Function.prototype.bind = () => {
      throw new Error("patched");
    };
    return "closed: patched";
  },
});
