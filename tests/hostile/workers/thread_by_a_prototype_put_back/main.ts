import { EventEmitter } from "node:events";
import { Worker } from "node:worker_threads";

export const activate = (): unknown => ({
  attack() {
    Object.setPrototypeOf(Worker, EventEmitter);
    return `open: ${new Worker("1", { eval: true })}`;
  },
});
