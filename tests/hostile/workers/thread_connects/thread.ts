import { parentPort, workerData } from "node:worker_threads";

const connection = await Deno.connect({ port: Number(workerData.port) });
connection.close();
parentPort!.postMessage("open: connected");
