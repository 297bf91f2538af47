export const activate = (): unknown => ({
  attack() {
    for (const name of ["subarray", "set", "slice"] as const) {
      Uint8Array.prototype[name] = () => {
        throw new Error("patched");
      };
    }
    return "closed: patched";
  },
});
