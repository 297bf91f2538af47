export const activate = (): unknown => ({
  attack() {
    return `open: ${/^(a+)+$/.test(`${"a".repeat(60)}!`)}`;
  },
});
