export const activate = (): unknown => ({
  attack() {
    setTimeout(() => {
      throw new Error("nobody listens");
    });
    return new Promise(() => {});
  },
});
