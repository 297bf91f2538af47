import { Socket } from "node:net";

export const activate = (): unknown => ({
  attack() {
    for (let fd = 64; fd > 8; fd--) {
      try {
        new Socket({ fd }).end();
      } catch {
        // Nothing that can be closed.
      }
    }
    return new Promise<string>(() => {});
  },
});
