import { parentPort, workerData } from "node:worker_threads";

const code =
  `import text from "file://${workerData.outside}/secret.txt" with { type: "text" }; postMessage(text);`;
const worker = new Worker(`data:text/javascript,${encodeURIComponent(code)}`, { type: "module" });
worker.onmessage = ({ data }) => parentPort!.postMessage(`open: ${data}`);
worker.onerror = ({ message }) => parentPort!.postMessage(`closed: ${message}`);
