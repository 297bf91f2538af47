addEventListener("unload", () => {
  for (;;);
});

export const activate = (): unknown => ({
  attack() {
    return "closed: until it stops";
  },
});
