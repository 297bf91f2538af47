import { EventEmitter } from "node:events";
import { Worker } from "node:worker_threads";

export const activate = (): unknown => ({
  attack() {
    Object.defineProperty(Worker, Symbol.species, { value: EventEmitter });
    return `open: ${new Worker("1", { eval: true })}`;
  },
});
