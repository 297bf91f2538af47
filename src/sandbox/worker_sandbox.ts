/**
 * A plugin in a worker of our own process, in tier `worker`: exactly the
 * permissions of its specification, but the same memory, descriptors and
 * standard streams. What Deno's permissions do not cover is taken out of its
 * realm, which is weaker; it cannot be kept from ending or blocking the process.
 *
 * @module
 */

import { CordonError, errorMessage } from "../errors.ts";
import { settlesWithin } from "../internal/settles_within.ts";
import { renderWorkerPermissions } from "../permissions/deno_options.ts";
import { createPermissionSet, listPermissions } from "../permissions/permission_set.ts";
import { outlive } from "../rpc/life_lock.ts";
import { type NoteKind, PortChannel } from "../rpc/port_channel.ts";
import { WORKER_BOOTSTRAP_SOURCE } from "./bootstrap_source.ts";
import { connectPeer, explainBreak, type SandboxPeer } from "./connect_peer.ts";
import type {
  KillRung,
  OpenSandbox,
  Sandbox,
  SandboxExit,
  SandboxSpec,
  SandboxStopOptions,
} from "./sandbox.ts";
import { findWorkerObstacle } from "./worker_support.ts";

/** Time between two rungs of the kill ladder once the plugin did not end by itself. */
const RUNG_MS = 500;

/** What is told when the first worker opens. */
const WEAKNESS = 'Plugins with run.mode = "worker" share this process: they cannot be kept from ending it, ' +
  "from using up its memory, or from running on after they were stopped";

/** What worker sandboxes share. */
export interface WorkerSandboxOptions {
  /** Told once what such a sandbox does not hold. @default {nobody} */
  readonly onNotice?: (message: string) => void;
}

/**
 * Makes the function that opens worker sandboxes.
 *
 * @returns It fails with `workers_unavailable` where a worker would not be confined.
 */
export function createWorkerSandboxes({ onNotice }: WorkerSandboxOptions = {}): OpenSandbox {
  // Neither changes while the process lives.
  let obstacle: Promise<CordonError | undefined> | undefined;
  let isTold = false;
  return async (spec, { signal } = {}) => {
    if (spec.supervisor !== undefined) {
      throw new CordonError("not_supervisable", `Cannot supervise "${spec.id}": it runs as a worker`, {
        hint: 'Use run.mode = "process"',
      });
    }
    const error = await (obstacle ??= findWorkerObstacle());
    if (error !== undefined) throw error;
    signal?.throwIfAborted();
    if (!isTold) onNotice?.(WEAKNESS);
    isTold = true;
    const thread = new WorkerThread(spec);
    try {
      await thread.waitUntilReady(signal);
      return new WorkerSandbox(spec, thread);
    } catch (error) {
      thread.terminate();
      await thread.endsWithin(RUNG_MS);
      thread.abandon();
      throw error;
    }
  };
}

/** A worker and what it tells. */
class WorkerThread {
  readonly channel: PortChannel;
  /** Settles when it is gone, or given up. */
  readonly ended: Promise<void>;
  /** The code it said it ends with. */
  code: number | undefined;
  readonly #worker: Worker;
  readonly #ready = Promise.withResolvers<void>();
  readonly #given = new AbortController();

  constructor(spec: SandboxSpec) {
    // Held by the worker as long as it lives; nobody else can know the name.
    const name = crypto.randomUUID();
    this.#worker = createWorker(spec, name);
    this.channel = new PortChannel({
      post: (message, options) => this.#worker.postMessage(message, options),
      onNote: (kind, text) => this.#takeNote(spec, kind, text),
    });
    this.#worker.onmessage = ({ data, ports }) => {
      for (const port of ports) port.close();
      this.channel.take(data);
    };
    this.#worker.onmessageerror = () => this.channel.take(undefined);
    const failed = Promise.withResolvers<void>();
    this.#worker.onerror = (event) => {
      // It would end the host.
      event.preventDefault();
      this.code ??= 1;
      const error = new CordonError("sandbox_failed", `Cannot open a sandbox: ${event.message}`);
      this.#ready.reject(error);
      failed.resolve();
    };
    this.ended = Promise.race([
      failed.promise,
      this.#ready.promise.then(() => outlive(name, { signal: this.#given.signal })),
    ]).catch(() => {});
  }

  /** Waits until the bootstrap has locked its realm down. */
  async waitUntilReady(signal: AbortSignal | undefined): Promise<void> {
    const onAbort = () => this.#ready.reject(signal?.reason);
    signal?.addEventListener("abort", onAbort, { once: true });
    try {
      await this.#ready.promise;
    } finally {
      signal?.removeEventListener("abort", onAbort);
    }
  }

  /** Asks Deno to end it; a thread that never returns to its event loop does not hear that. */
  terminate(): void {
    this.#worker.terminate();
  }

  /** Whether it ends in time. */
  endsWithin(timeoutMs: number): Promise<boolean> {
    return settlesWithin(this.ended, timeoutMs);
  }

  /** Waits no longer for its end. */
  abandon(): void {
    this.#given.abort();
  }

  #takeNote(spec: SandboxSpec, kind: NoteKind, text: string): void {
    switch (kind) {
      case "ready":
        this.#ready.resolve();
        break;
      case "exit":
        this.code ??= Number.parseInt(text) & 0xff;
        break;
      case "stdout":
      case "stderr":
        spec.onOutput(kind, text);
        break;
      default:
        kind satisfies never;
    }
  }
}

class WorkerSandbox implements Sandbox {
  readonly tier = "worker";
  readonly notes = [];
  readonly pid = undefined;
  readonly peer: SandboxPeer;
  readonly exited: Promise<SandboxExit>;
  readonly #spec: SandboxSpec;
  readonly #thread: WorkerThread;
  #isStopping = false;
  /** Why the connection ended before the plugin did. */
  #broken: string | undefined;
  #rung: KillRung | undefined;

  constructor(spec: SandboxSpec, thread: WorkerThread) {
    this.#spec = spec;
    this.#thread = thread;
    const { connect = connectPeer } = spec;
    const peer = this.peer = connect(thread.channel, spec);
    const served = peer.run().then((reason) => this.#onChannelEnd(reason));
    this.exited = (async () => {
      await thread.ended;
      peer.close(new CordonError("sandbox_ended", `The sandbox of "${spec.id}" has ended`));
      await served;
      return {
        code: thread.code ?? (this.#rung === "killed" ? 137 : 0),
        signal: undefined,
        rung: this.#rung,
        ...(this.#broken === undefined ? {} : { reason: this.#broken }),
      };
    })();
  }

  async stop({ graceMs, reason }: SandboxStopOptions): Promise<SandboxExit> {
    this.#isStopping = true;
    const asked = this.peer.call("deactivate", [reason], { timeoutMs: graceMs });
    const agreed = await asked.then(() => true, () => false);
    this.#rung ??= agreed ? "asked" : "closed";
    this.peer.close(new CordonError("sandbox_stopped", reason));
    if (!await this.#thread.endsWithin(RUNG_MS)) await this.#terminate();
    return await this.exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isStopping = true;
    this.peer.close();
    await this.#terminate();
    await this.exited;
  }

  /** A channel that ends takes the worker along; one that broke the protocol goes at once. */
  async #onChannelEnd(reason: unknown): Promise<void> {
    const isBroken = reason instanceof CordonError &&
      !["sandbox_ended", "sandbox_stopped"].includes(reason.code);
    if (isBroken) {
      this.#spec.onOutput("stderr", `[cordon] connection closed: ${errorMessage(reason)}`);
      this.#broken = explainBreak(reason);
    }
    if (this.#isStopping || (!isBroken && await this.#thread.endsWithin(2 * RUNG_MS))) return;
    if (!this.#isStopping) await this.#terminate();
  }

  async #terminate(): Promise<void> {
    this.#rung = "terminated";
    this.#thread.terminate();
    if (await this.#thread.endsWithin(RUNG_MS)) return;
    this.#rung = "killed";
    this.#spec.onOutput(
      "stderr",
      "[cordon] the plugin was cut off, but its thread did not end: it may run on until the host's process ends",
    );
    this.#thread.abandon();
  }
}

function createWorker(spec: SandboxSpec, name: string): Worker {
  const own = createPermissionSet([
    ...listPermissions(spec.permissions),
    { kind: "read", value: spec.codeDir },
  ]);
  const permissions = renderWorkerPermissions(own) as Deno.PermissionOptionsObject;
  const url = URL.createObjectURL(new Blob([WORKER_BOOTSTRAP_SOURCE], { type: "text/javascript" }));
  try {
    return new Worker(url, { type: "module", name, deno: { permissions } });
  } catch (cause) {
    throw new CordonError("sandbox_failed", `Cannot open a sandbox: ${errorMessage(cause)}`, {
      hint: "A worker cannot have a permission that its host does not have",
      cause,
    });
  } finally {
    URL.revokeObjectURL(url);
  }
}
