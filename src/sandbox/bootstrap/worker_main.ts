/**
 * The main module of a sandbox that is a worker: as `main.ts`, over messages
 * instead of a socket. While it lives it holds a lock of a name that only it
 * and the host know, which is how the host learns of its end.
 *
 * @module
 */

import { holdForLife } from "../../rpc/life_lock.ts";
import { PortChannel } from "../../rpc/port_channel.ts";
import { createPluginPeer } from "./plugin.ts";
import { lockDownWorker } from "./worker_lockdown.ts";
import { WorkerOutput } from "./worker_output.ts";

/** What only a worker's global object has. */
interface WorkerScope {
  readonly name: string;
  postMessage(message: unknown, options?: { transfer: Transferable[] }): void;
  close(): void;
}

const { name, postMessage, close } = globalThis as unknown as WorkerScope;
const channel = new PortChannel({ post: postMessage });
const output = new WorkerOutput((kind, line) => channel.note(kind, line));
addEventListener("message", (event) => channel.take((event as MessageEvent).data));

let isEnding = false;

const exit = (code?: number): never => {
  try {
    if (!isEnding) {
      output.flush();
      channel.note("exit", String(code ?? 0));
    }
  } finally {
    isEnding = true;
    close();
  }
  // The worker ends when it next returns to its event loop.
  throw new Error("The worker ends");
};

await holdForLife(name);
await lockDownWorker(exit);
catchErrors();
output.install();
const peer = createPluginPeer(channel);
channel.note("ready", "");
await peer.run();
exit();

/**
 * Ends the worker at an error that nobody caught. Left to itself, Deno prints
 * it to the host's own terminal, with a line of a file that the plugin chooses.
 */
function catchErrors(): void {
  const { apply } = Reflect;
  const { defineProperty } = Object;
  const { preventDefault } = Event.prototype;
  const { queueMicrotask } = globalThis;
  for (const type of ["error", "unhandledrejection"]) {
    addEventListener(type, (event) => {
      let isHandled = false;
      apply(preventDefault, event, []);
      defineProperty(event, "preventDefault", { value: () => void (isHandled = true) });
      // The plugin's own listeners come first.
      queueMicrotask(() => {
        if (isHandled || isEnding) return;
        const { error, reason } = event as Partial<ErrorEvent & PromiseRejectionEvent>;
        const where = type === "error" ? "" : "(in promise) ";
        try {
          output.print("stderr", `error: Uncaught ${where}${describe(error ?? reason)}\n`);
        } finally {
          exit(1);
        }
      });
    });
  }
}

function describe(thrown: unknown): string {
  try {
    return thrown instanceof Error ? String(thrown.stack) : String(thrown);
  } catch {
    // A plugin may throw what cannot even be shown.
    return "a value that cannot be shown";
  }
}
