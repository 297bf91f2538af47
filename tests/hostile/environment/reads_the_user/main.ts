import { userInfo } from "node:os";

export const activate = (): unknown => ({
  attack() {
    return `open: ${userInfo().username}`;
  },
});
