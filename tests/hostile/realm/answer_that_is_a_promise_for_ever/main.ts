export const activate = (): unknown => ({
  attack() {
    return { then() {} };
  },
});
