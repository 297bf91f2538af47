/**
 * A call that is being answered.
 *
 * @module
 */

/** What a handler learns about the call it answers. */
export interface CallContext {
  /** Aborts when the caller cancels or the channel closes; made on first use. */
  readonly signal: AbortSignal;
  /** Milliseconds the caller waits, when it said so. */
  readonly timeoutMs: number | undefined;
}

/** A call that is being answered; its signal is made on first use, since most handlers need none. */
export class IncomingCall implements CallContext {
  /** Milliseconds the caller waits, when it said so. */
  readonly timeoutMs: number | undefined;
  #controller: AbortController | undefined;
  #aborted: { reason: unknown } | undefined;

  /** @param timeoutMs Milliseconds the caller waits. */
  constructor(timeoutMs: number | undefined) {
    this.timeoutMs = timeoutMs;
  }

  /** Aborts when the caller cancels or the channel closes. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#aborted !== undefined) this.#controller.abort(this.#aborted.reason);
    }
    return this.#controller.signal;
  }

  /** Has the signal abort. */
  abort(reason: unknown): void {
    this.#aborted ??= { reason };
    this.#controller?.abort(reason);
  }
}
