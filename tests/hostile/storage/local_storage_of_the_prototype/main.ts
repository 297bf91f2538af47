export const activate = (): unknown => ({
  attack() {
    const storage = Object.create(Storage.prototype) as Storage;
    storage.setItem("a", "b");
    return "open: kept";
  },
});
