export const activate = (): unknown => ({
  attack() {
    return (function deeper(n: number): number {
      return 1 + deeper(n);
    })(0);
  },
});
