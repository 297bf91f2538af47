export const activate = (): unknown => ({
  attack() {
    localStorage.setItem("a", "b");
    return "open: kept";
  },
});
