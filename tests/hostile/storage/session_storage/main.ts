export const activate = (): unknown => ({
  attack() {
    sessionStorage.setItem("a", "b");
    return "open: kept";
  },
});
