export const activate = (): unknown => ({
  attack() {
    for (;;);
  },
});
