export const activate = (): unknown => ({
  attack() {
    return new Proxy({}, {
      ownKeys() {
        throw new Error("trap");
      },
    });
  },
});
