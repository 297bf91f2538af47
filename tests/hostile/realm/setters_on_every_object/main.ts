export const activate = (): unknown => ({
  attack() {
    for (const name of ["type", "id", "value", "method", "params", "error", "then", "reason"]) {
      Object.defineProperty(Object.prototype, name, {
        get: () => "patched",
        set() {
          throw new Error("patched");
        },
      });
    }
    return "closed: patched";
  },
});
