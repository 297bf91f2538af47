import { Worker } from "node:worker_threads";

export const activate = (): unknown => ({
  attack() {
    return `open: ${new Worker(new URL("./main.ts", import.meta.url))}`;
  },
});
