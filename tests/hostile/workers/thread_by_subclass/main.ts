import { Worker } from "node:worker_threads";

export const activate = (): unknown => ({
  attack() {
    class Own extends Worker {
      constructor() {
        super("1", { eval: true });
      }
    }
    return `open: ${new Own()}`;
  },
});
