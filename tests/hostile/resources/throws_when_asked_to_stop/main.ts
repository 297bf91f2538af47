export const activate = (): unknown => ({
  attack() {
    return "closed: until it stops";
  },
});

export function deactivate(): never {
  throw new Error("not now");
}
