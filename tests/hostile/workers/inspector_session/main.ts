import { Session } from "node:inspector";

export const activate = (): unknown => ({
  attack() {
    const session = new Session();
    session.connect();
    return "open: connected";
  },
});
