import { mkdtempSync } from "node:fs";

export const activate = (): unknown => ({
  attack({ outside }: { outside: string }) {
    return `open: ${mkdtempSync(`${outside}/x`)}`;
  },
});
