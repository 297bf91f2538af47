import { execSync } from "node:child_process";

export const activate = (): unknown => ({
  attack() {
    return execSync("true", { env: {} });
  },
});
