import { createRequire } from "node:module";

export const activate = (): unknown => ({
  attack() {
    return createRequire(import.meta.url)("./addon.node");
  },
});
