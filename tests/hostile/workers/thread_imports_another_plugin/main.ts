import { Worker } from "node:worker_threads";

export const activate = (): unknown => ({
  attack({ outside }: Record<string, string>) {
    const code = `import { parentPort } from "node:worker_threads";
      import text from "file://${outside}/../plugins/witness/main.ts" with { type: "text" };
      parentPort.postMessage("open: " + text);`;
    const thread = new Worker(new URL(`data:text/javascript,${encodeURIComponent(code)}`));
    return new Promise((resolve, reject) => thread.once("message", resolve).once("error", reject));
  },
});
