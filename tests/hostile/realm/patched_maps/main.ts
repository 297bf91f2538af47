export const activate = (): unknown => ({
  attack() {
    Map.prototype.get = Map.prototype.set = Map.prototype.has = () => {
      throw new Error("patched");
    };
    return "closed: patched";
  },
});
