export const activate = (): unknown => ({
  attack() {
    for (const name of ["push", "shift", "splice", "map", "slice"] as const) {
      Array.prototype[name] = () => {
        throw new Error("patched");
      };
    }
    return "closed: patched";
  },
});
