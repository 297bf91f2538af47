import { Worker } from "node:worker_threads";

export const activate = (): unknown => ({
  attack(facts: Record<string, string>) {
    const code = `const kept = []; for (let n = 0; n < 40; n++) kept.push(new Array(2 ** 22).fill(n));
      require("node:worker_threads").parentPort.postMessage("open: holds " + kept.length * 32 + " MiB");`;
    const thread = new Worker(code, {
      eval: true,
      resourceLimits: { maxOldGenerationSizeMb: 8_192 },
      workerData: facts,
    });
    return new Promise((resolve, reject) => {
      thread.once("message", resolve).once("error", reject);
      thread.once("exit", (code) => reject(new Error(`The thread ended with code ${code}`)));
    });
  },
});
