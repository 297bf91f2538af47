/**
 * The kinds of sandbox, by what a manifest calls them, and how strong they are
 * on this machine.
 *
 * @module
 */

import { CordonError } from "../errors.ts";
import { writeBootstrap, writeLauncher } from "./bootstrap_file.ts";
import { Launcher } from "./launcher.ts";
import { createProcessSandboxes } from "./process_sandbox.ts";
import type { OpenSandbox } from "./sandbox.ts";
import { createWorkerSandboxes } from "./worker_sandbox.ts";

/** Opens sandboxes of each kind, by `run.mode` of the manifest. */
export interface Sandboxes extends AsyncDisposable {
  /** A process of its own. */
  readonly process: OpenSandbox;
  /** A worker of ours. */
  readonly worker: OpenSandbox;
}

/** What they are made with. */
export interface SandboxesOptions {
  /** Folder for what runs in them, which no plugin can write to. */
  readonly codeDir: string;
  /** Folder for sockets, 0700, outside everything that can be granted. */
  readonly socketDir: string;
  /** The tier of processes. */
  readonly tier: "os" | "deno";
  /** Whether a process that the kernel does not confine runs in tier `deno` instead. */
  readonly tierFallback: boolean;
  /** Told of each process that is going to be a sandbox, when it is not known yet of which plugin. @default {nobody} */
  readonly onLauncher?: (pid: number) => void;
  /** Told of what is weaker than it could be. @default {nobody} */
  readonly onNotice?: (message: string) => void;
}

/** Makes them. */
export async function createSandboxes(options: SandboxesOptions): Promise<Sandboxes> {
  const { codeDir, socketDir, tier, tierFallback, onLauncher, onNotice } = options;
  const parts = { bootstrap: await writeBootstrap(codeDir), socketDir };
  const worker = createWorkerSandboxes({ onNotice });
  const unconfined = createProcessSandboxes(parts);
  if (tier === "deno") return { process: unconfined, worker, [Symbol.asyncDispose]: () => Promise.resolve() };

  const launcher = new Launcher({
    script: await writeLauncher(codeDir),
    cacheDir: `${codeDir}/deno`,
    onSpawn: onLauncher,
  });
  const confined = createProcessSandboxes({ ...parts, launcher });
  return {
    process: tierFallback ? fallBack(confined, unconfined, onNotice) : confined,
    worker,
    [Symbol.asyncDispose]: () => launcher[Symbol.asyncDispose](),
  };
}

function fallBack(
  first: OpenSandbox,
  second: OpenSandbox,
  onNotice: ((message: string) => void) | undefined,
): OpenSandbox {
  return async (spec, options) => {
    try {
      return await first(spec, options);
    } catch (error) {
      if (!(error instanceof CordonError) || error.code !== "confinement_failed") throw error;
      onNotice?.(`"${spec.id}" runs in tier "deno", as policy allows: ${error.message}`);
      return await second(spec, options);
    }
  };
}
