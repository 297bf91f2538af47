/**
 * A call that is being answered.
 *
 * @module
 */

import { type Cancellation, CancellationSource } from "./cancellation.ts";
import type { CallMessage } from "./message.ts";

/** What a handler learns about the call it answers. */
export interface CallContext extends Cancellation {
  /** Its id, by which calls that are made for it name it. */
  readonly id: number;
  /** Aborts when the caller cancels or the channel closes; made on first use. */
  readonly signal: AbortSignal;
  /** Milliseconds the caller waits, when it said so. */
  readonly timeoutMs?: number | undefined;
  /** Id of the call of the other direction that this one is made for. */
  readonly within?: number | undefined;
  /** W3C `traceparent`. */
  readonly trace?: string | undefined;
}

/** A call that is being answered; its signal is made on first use, since most handlers need none. */
export class IncomingCall extends CancellationSource implements CallContext {
  readonly #message: Omit<CallMessage, "type" | "method" | "params">;
  #controller: AbortController | undefined;

  /** What it takes in memory as long as it is being answered, in bytes. */
  readonly weight: number;

  /**
   * @param message The call as it came.
   * @param weight What it takes in memory.
   */
  constructor(message: Omit<CallMessage, "type" | "method" | "params">, weight: number = 0) {
    super();
    this.#message = message;
    this.weight = weight;
  }

  /** Its id. */
  get id(): number {
    return this.#message.id;
  }

  /** Milliseconds the caller waits. */
  get timeoutMs(): number | undefined {
    return this.#message.timeoutMs;
  }

  /** Id of the call that it is made for. */
  get within(): number | undefined {
    return this.#message.within;
  }

  /** W3C `traceparent`. */
  get trace(): string | undefined {
    return this.#message.trace;
  }

  /** Aborts when the caller cancels or the channel closes. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      const controller = this.#controller = new AbortController();
      this.whenCancelled((reason) => controller.abort(reason));
    }
    return this.#controller.signal;
  }
}
