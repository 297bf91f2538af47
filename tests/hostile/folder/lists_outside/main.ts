import { readdirSync } from "node:fs";

export const activate = (): unknown => ({
  attack({ outside }: { outside: string }) {
    return `open: ${readdirSync(outside, { recursive: true })}`;
  },
});
