export const activate = (): unknown => ({
  attack() {
    const { get } = Object.getOwnPropertyDescriptor(Navigator.prototype, "gpu") ?? {};
    return get === undefined ? "closed: there is none" : `open: ${get.call(navigator)}`;
  },
});
