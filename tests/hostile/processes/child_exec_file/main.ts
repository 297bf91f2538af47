import { execFileSync } from "node:child_process";

export const activate = (): unknown => ({
  attack() {
    return execFileSync("/bin/true", [], { env: {} });
  },
});
