import { createRequire } from "node:module";

export const activate = (): unknown => ({
  attack() {
    const { spawnSync } = createRequire(import.meta.url)("internal/child_process");
    return `open: ${spawnSync("/bin/true", [], { env: {} }).status}`;
  },
});
