import { spawnSync } from "node:child_process";

export const activate = (): unknown => ({
  attack() {
    const { stdout } = spawnSync("/bin/echo", ["ran"], { env: {} });
    return stdout === undefined ? "closed: nothing was printed" : `open: ${stdout}`;
  },
});
