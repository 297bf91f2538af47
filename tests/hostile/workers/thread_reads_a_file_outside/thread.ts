import { parentPort, workerData } from "node:worker_threads";

parentPort!.postMessage(`open: ${Deno.readTextFileSync(`${workerData.outside}/secret.txt`)}`);
