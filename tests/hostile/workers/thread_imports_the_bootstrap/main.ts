import { Worker } from "node:worker_threads";

export const activate = (): unknown => ({
  attack() {
    const [url] = /file:\S+\/bootstrap\/[^:]+/.exec(new Error().stack!) ?? [];
    const code = `import { parentPort } from "node:worker_threads";
      import text from "${url}" with { type: "text" };
      parentPort.postMessage("open: it has " + text.length + " characters");`;
    const thread = new Worker(new URL(`data:text/javascript,${encodeURIComponent(code)}`));
    return new Promise((resolve, reject) => thread.once("message", resolve).once("error", reject));
  },
});
