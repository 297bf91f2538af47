export const activate = (): unknown => ({
  attack() {
    return {
      toJSON() {
        throw new Error("trap");
      },
    };
  },
});
