export const activate = (): unknown => ({
  attack() {
    JSON.parse = JSON.stringify = () => {
      throw new Error("patched");
    };
    return "closed: patched";
  },
});
