import { Worker } from "node:worker_threads";

export const activate = (): unknown => ({
  async attack() {
    const code = 'require("node:worker_threads").parentPort.postMessage(1); setInterval(() => {}, 1e6);';
    for (let count = 0; count < 64; count++) {
      const thread = new Worker(code, { eval: true });
      await new Promise((resolve, reject) => thread.once("message", resolve).once("error", reject));
    }
    return "open: 64 threads";
  },
});
