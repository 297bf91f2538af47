import { createRequire } from "node:module";

export const activate = (): unknown => ({
  attack({ outside }: { outside: string }) {
    return `open: it is at ${createRequire(import.meta.url).resolve(`${outside}/secret.txt`)}`;
  },
});
