import { createRequire } from "node:module";

export const activate = (): unknown => ({
  attack() {
    const { Worker } = createRequire(import.meta.url)("worker_threads");
    return `open: ${new Worker("1", { eval: true })}`;
  },
});
