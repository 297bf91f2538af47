export const activate = (): unknown => ({
  attack() {
    for (const name of Object.getOwnPropertyNames(globalThis)) Reflect.deleteProperty(globalThis, name);
    return "closed: deleted";
  },
});
