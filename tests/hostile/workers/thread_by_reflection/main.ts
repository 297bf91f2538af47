import { Worker } from "node:worker_threads";

export const activate = (): unknown => ({
  attack() {
    return `open: ${Reflect.construct(Worker, ["1", { eval: true }], Object)}`;
  },
});
