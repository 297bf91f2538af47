import { SHARE_ENV, Worker } from "node:worker_threads";

export const activate = (): unknown => ({
  attack(facts: Record<string, string>) {
    const code =
      `require("node:worker_threads").parentPort.postMessage("open: " + process.env.CORDON_CANARY);`;
    const thread = new Worker(code, { env: SHARE_ENV, eval: true, workerData: facts });
    return new Promise((resolve, reject) => {
      thread.once("message", resolve).once("error", reject);
      thread.once("exit", (code) => reject(new Error(`The thread ended with code ${code}`)));
    });
  },
});
