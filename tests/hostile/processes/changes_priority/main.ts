import { setPriority } from "node:os";

export const activate = (): unknown => ({
  attack() {
    setPriority(0, 19);
    return "open: changed";
  },
});
