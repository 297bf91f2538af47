export const activate = (): unknown => ({
  async attack() {
    await caches.open("hostile");
    return "open: opened";
  },
});
