export const activate = (): unknown => ({
  attack() {
    return new Promise(() => {});
  },
});
