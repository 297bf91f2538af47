import { createRequire } from "node:module";

export const activate = (): unknown => ({
  attack() {
    const { primordials } = createRequire(import.meta.url)("internal/test/binding");
    return Reflect.ownKeys(primordials).length === 0
      ? "closed: there is nothing in it"
      : `open: ${Object.keys(primordials)}`;
  },
});
