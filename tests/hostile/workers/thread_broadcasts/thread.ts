import { parentPort } from "node:worker_threads";

new BroadcastChannel("hostile").postMessage("forged");
parentPort!.postMessage("closed: nobody else is in this process");
