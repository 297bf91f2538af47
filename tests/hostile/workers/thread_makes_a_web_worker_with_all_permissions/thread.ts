import { parentPort, workerData } from "node:worker_threads";

const options = { type: "module", deno: { permissions: { read: true } } };
const code =
  `import text from "file://${workerData.outside}/secret.txt" with { type: "text" }; postMessage(text);`;
const worker = new Worker(`data:text/javascript,${encodeURIComponent(code)}`, options as WorkerOptions);
worker.onmessage = ({ data }) => parentPort!.postMessage(`open: ${data}`);
worker.onerror = ({ message }) => parentPort!.postMessage(`closed: ${message}`);
