import { execFileSync } from "node:child_process";

export const activate = (): unknown => ({
  attack() {
    return execFileSync("/usr/bin/env", [], { encoding: "utf8" });
  },
});
