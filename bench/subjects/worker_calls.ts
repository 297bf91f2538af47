/**
 * Calls to a plugin in a worker, beside messages that are posted there and back.
 *
 * @module
 */

import { time } from "../measure.ts";
import { ComlinkPeer } from "../peers/comlink.ts";
import type { Subject } from "../subject.ts";
import { openWorkspace } from "../workspace.ts";

const IN_WORKER = new URL("../plugins/in_worker", import.meta.url).pathname;
const CALLS = 2_000;
const ARGUMENT = { name: "x", n: 1, list: [1, 2, 3] };
const ECHOES = 100;

/** Microseconds of a call to a worker. */
export function openWorkerCall(): Promise<Subject> {
  return openWorkerCalls({ name: "worker call", calls: CALLS, argument: ARGUMENT });
}

/** Microseconds of a call to a worker with a mebibyte each way. */
export function openWorkerEcho(): Promise<Subject> {
  return openWorkerCalls({ name: "worker 1 MiB echo", calls: ECHOES, argument: new Uint8Array(1 << 20) });
}

async function openWorkerCalls(
  { name, calls, argument }: { readonly name: string; readonly calls: number; readonly argument: unknown },
): Promise<Subject> {
  const { host, ...workspace } = await openWorkspace([IN_WORKER], {
    grant: "requested",
    policy: { allowWorker: true },
  });
  await host.start();
  const worker = new Worker(new URL("../floors/worker_echo.js", import.meta.url), { type: "module" });
  const comlink = new ComlinkPeer();
  const post = (value: unknown) => {
    const { promise, resolve } = Promise.withResolvers<unknown>();
    worker.onmessage = ({ data }) => resolve(data);
    worker.postMessage(value);
    return promise;
  };
  const figure = async (call: () => Promise<unknown>) => {
    const ms = await time(async () => {
      for (let left = calls; left > 0; left--) await call();
    });
    return ms * 1_000 / calls;
  };
  return {
    name,
    unit: "us",
    better: "lower",
    target: 1.1,
    rounds: 9,
    contenders: {
      cordon: () => figure(() => host.call("bench.worker", "answer", [argument])),
      floor: () => figure(() => post(argument)),
      comlink: () => figure(() => comlink.call(argument)),
    },
    async [Symbol.asyncDispose]() {
      worker.terminate();
      comlink[Symbol.dispose]();
      await workspace[Symbol.asyncDispose]();
    },
  };
}
