export const activate = (): unknown => ({
  async attack() {
    return await import(["", "proc", "self", "environ"].join("/"), { with: { type: "text" } });
  },
});
