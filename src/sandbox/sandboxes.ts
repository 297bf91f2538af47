/**
 * The kinds of sandbox, by what a manifest calls them.
 *
 * @module
 */

import { createProcessSandboxes, type ProcessSandboxOptions } from "./process_sandbox.ts";
import type { OpenSandbox } from "./sandbox.ts";
import { createWorkerSandboxes, type WorkerSandboxOptions } from "./worker_sandbox.ts";

/** Opens sandboxes of each kind, by `run.mode` of the manifest. */
export type Sandboxes = Readonly<Record<"process" | "worker", OpenSandbox>>;

/** Makes the functions that open sandboxes. */
export function createSandboxes(options: ProcessSandboxOptions & WorkerSandboxOptions): Sandboxes {
  return { process: createProcessSandboxes(options), worker: createWorkerSandboxes(options) };
}
