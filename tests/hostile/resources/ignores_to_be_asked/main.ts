export const activate = (): unknown => ({
  attack() {
    return "closed: until it stops";
  },
});

export const deactivate = (): unknown => new Promise(() => {});
