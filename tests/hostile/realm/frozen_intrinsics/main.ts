export const activate = (): unknown => ({
  attack() {
    for (const { prototype } of [Array, Error, Function, Map, Object, Promise, Set, Uint8Array]) {
      Object.freeze(prototype);
    }
    return "closed: frozen";
  },
});
