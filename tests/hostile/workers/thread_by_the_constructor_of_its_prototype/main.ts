import { Worker } from "node:worker_threads";

export const activate = (): unknown => ({
  attack() {
    const { constructor } = Worker.prototype as unknown as { constructor: typeof Worker };
    return `open: ${new constructor("1", { eval: true })}`;
  },
});
