import { Worker } from "node:worker_threads";

export const activate = (): unknown => ({
  attack() {
    return `open: ${new Worker("1", { eval: true })}`;
  },
});
