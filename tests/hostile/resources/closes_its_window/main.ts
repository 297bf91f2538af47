export const activate = (): unknown => ({
  attack() {
    close();
    return new Promise(() => {});
  },
});
