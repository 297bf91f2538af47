import { parentPort } from "node:worker_threads";

localStorage.setItem("note", "hostile");
parentPort!.postMessage(`open: ${localStorage.getItem("note")}`);
