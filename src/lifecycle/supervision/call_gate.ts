/**
 * Calls to plugins that do not run: they start them, wait for their restart, or
 * fail at once.
 *
 * @module
 */

import { CordonError } from "../../errors.ts";
import type { Cancellation } from "../../rpc/cancellation.ts";
import type { PluginInstance } from "../instance.ts";
import type { PluginEntry } from "../plugin_table.ts";
import type { Recovery } from "./recovery.ts";

/** Calls that wait for the restart of one plugin. */
const MAX_WAITING = 1_000;

/** What a gate reaches. */
export interface CallGateContext {
  /** How a plugin comes back. */
  readonly recoveryOf: (entry: PluginEntry) => Recovery;
  /** Starts a plugin with what it needs, or joins a start of it. */
  readonly start: (entry: PluginEntry) => Promise<PluginInstance>;
}

/** What accompanies a call that may have to wait. */
export interface EnterOptions {
  /** Milliseconds that the caller waits. @default {the plugin's limits.call_timeout} */
  readonly timeoutMs?: number | undefined;
  /** Ends the wait. */
  readonly signal?: AbortSignal | undefined;
  /** Ends it as well. */
  readonly cancellation?: Cancellation | undefined;
}

/** Stands before the calls to plugins that do not run. */
export class CallGate {
  readonly #context: CallGateContext;

  /** @param context What it reaches. */
  constructor(context: CallGateContext) {
    this.#context = context;
  }

  /**
   * The running incarnation of a plugin, as soon as there is one.
   *
   * @throws {CordonError} `plugin_down`, or why it could not be started.
   */
  async enter(entry: PluginEntry, options: EnterOptions = {}): Promise<PluginInstance> {
    if (entry.found.manifest === undefined) return await this.#context.start(entry);
    const { callTimeoutMs } = entry.found.manifest.limits;
    const dueAt = performance.now() + Math.min(options.timeoutMs ?? callTimeoutMs, callTimeoutMs);
    // One that is being stopped for idleness takes no calls any more.
    while (entry.instance === undefined || entry.idling !== undefined) {
      const recovery = this.#context.recoveryOf(entry);
      const verdict = recovery.breaker.admit();
      if (verdict === "refuse") throw refuse(entry, recovery);
      try {
        if (!recovery.isHeld) return await this.#context.start(entry);
        const leftMs = dueAt - performance.now();
        const isLate = recovery.retryInMs === undefined || recovery.retryInMs > leftMs;
        if (isLate || recovery.waiting === MAX_WAITING) throw refuse(entry, recovery);
        await waitForChange(recovery, leftMs, options);
      } finally {
        if (verdict === "probe") recovery.breaker.release();
      }
    }
    return entry.instance;
  }
}

async function waitForChange(
  recovery: Recovery,
  timeoutMs: number,
  { signal, cancellation }: EnterOptions,
): Promise<void> {
  signal?.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, timeoutMs);
  const onAbort = () => reject(signal!.reason);
  signal?.addEventListener("abort", onAbort, { once: true });
  const detach = cancellation?.whenCancelled(reject);
  recovery.waiting++;
  try {
    await Promise.race([promise, recovery.changed]);
  } finally {
    recovery.waiting--;
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
    detach?.();
  }
}

function refuse({ id }: PluginEntry, { retryInMs, reason }: Recovery): CordonError {
  return new CordonError("plugin_down", `Cannot call "${id}": it is down (${reason})`, {
    hint: `See why: cordon why ${id}`,
    facts: { id, reason, ...(retryInMs === undefined ? {} : { retryAfterMs: retryInMs }) },
  });
}
