/**
 * A call that is being answered.
 *
 * @module
 */

import type { CallMessage } from "./message.ts";

/** Something that may be called off. */
export interface Cancellation {
  /** Has `onCancel` called once with the reason, at once if it is called off already; the returned function ends that. */
  whenCancelled(onCancel: (reason: unknown) => void): () => void;
}

/** What a handler learns about the call it answers. */
export interface CallContext extends Cancellation {
  /** Its id, by which calls that are made for it name it. */
  readonly id: number;
  /** Aborts when the caller cancels or the channel closes; made on first use. */
  readonly signal: AbortSignal;
  /** Milliseconds the caller waits, when it said so. */
  readonly timeoutMs: number | undefined;
  /** Id of the call of the other direction that this one is made for. */
  readonly within: number | undefined;
  /** W3C `traceparent`. */
  readonly trace: string | undefined;
}

/** A call that is being answered; its signal is made on first use, since most handlers need none. */
export class IncomingCall implements CallContext {
  readonly id: number;
  readonly timeoutMs: number | undefined;
  readonly within: number | undefined;
  readonly trace: string | undefined;
  #controller: AbortController | undefined;
  #aborted: { reason: unknown } | undefined;
  #waiting: Set<(reason: unknown) => void> | undefined;

  /** @param message The call as it came. */
  constructor({ id, timeoutMs, within, trace }: Pick<CallMessage, "id" | "timeoutMs" | "within" | "trace">) {
    this.id = id;
    this.timeoutMs = timeoutMs;
    this.within = within;
    this.trace = trace;
  }

  /** Aborts when the caller cancels or the channel closes. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#aborted !== undefined) this.#controller.abort(this.#aborted.reason);
    }
    return this.#controller.signal;
  }

  /** Calls back when it is aborted. */
  whenCancelled(onCancel: (reason: unknown) => void): () => void {
    if (this.#aborted !== undefined) {
      onCancel(this.#aborted.reason);
      return () => {};
    }
    const waiting = this.#waiting ??= new Set();
    waiting.add(onCancel);
    return () => void waiting.delete(onCancel);
  }

  /** Has the signal abort. */
  abort(reason: unknown): void {
    if (this.#aborted !== undefined) return;
    this.#aborted = { reason };
    this.#controller?.abort(reason);
    for (const onCancel of this.#waiting ?? []) onCancel(reason);
    this.#waiting = undefined;
  }
}
