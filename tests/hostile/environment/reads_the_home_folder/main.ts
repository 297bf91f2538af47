import { homedir } from "node:os";

export const activate = (): unknown => ({
  attack() {
    return `open: ${homedir()}`;
  },
});
