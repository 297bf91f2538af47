export const activate = (): unknown => ({
  attack() {
    const spin = (): Promise<void> => Promise.resolve().then(spin);
    return spin();
  },
});
