import { createRequire } from "node:module";

export const activate = (): unknown => ({
  attack({ outside }: { outside: string }) {
    return createRequire(import.meta.url)(`${outside}/secret.cjs`);
  },
});
