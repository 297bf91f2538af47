/**
 * Waiting for the start of a plugin, as long as a call does: the start goes on
 * for whoever else waits.
 *
 * @module
 */

import { CordonError } from "../errors.ts";
import type { Cancellation } from "../rpc/cancellation.ts";

/** Longest wait of a timer; a longer one would end at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** How long a call waits. */
export interface StartWait {
  /** The method called. */
  readonly method: string;
  /** Milliseconds. @default {as long as the start takes} */
  readonly timeoutMs?: number | undefined;
  /** Ends it. */
  readonly signal?: AbortSignal | undefined;
  /** Ends it as well. */
  readonly cancellation?: Cancellation | undefined;
}

/**
 * Waits for a start.
 *
 * @throws {CordonError} `deadline_exceeded`, or what the start failed with.
 */
export async function waitForStart<Started>(
  start: Promise<Started>,
  { method, timeoutMs = Infinity, signal, cancellation }: StartWait,
): Promise<Started> {
  const { promise, resolve, reject } = Promise.withResolvers<Started>();
  start.then(resolve, reject);
  const onAbort = () => reject(signal!.reason);
  signal?.addEventListener("abort", onAbort, { once: true });
  if (signal?.aborted) onAbort();
  const detach = cancellation?.whenCancelled(reject);
  const timer = timeoutMs > MAX_TIMER_MS
    ? undefined
    : setTimeout(() => reject(tooLate(method, timeoutMs)), Math.max(0, timeoutMs));
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    detach?.();
    signal?.removeEventListener("abort", onAbort);
  }
}

function tooLate(method: string, timeoutMs: number): CordonError {
  return new CordonError(
    "deadline_exceeded",
    `Cannot finish "${method}": its plugin did not start in ${Math.ceil(timeoutMs)} ms`,
    { facts: { timeoutMs } },
  );
}
