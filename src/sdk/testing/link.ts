/**
 * One direction of a connection between host and plugin, in memory: calls with
 * deadlines and signals, by the rules and in the words of the real peer.
 *
 * @module
 */

import { CordonError } from "../../errors.ts";
import type { CallOptions } from "../context.ts";
import { carryError, carryMessage, type ErrorTerms } from "./carry.ts";

/** Longest wait of a timer; a longer one would end at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Answers one method. */
export type LinkHandler = (params: readonly unknown[], call: CallOptions) => unknown;

interface PendingCall {
  readonly method: string;
  readonly reject: (error: unknown) => void;
}

/** Carries calls to one side. */
export class Link {
  readonly #handlers: ReadonlyMap<string, LinkHandler>;
  readonly #terms: ErrorTerms;
  readonly #pending = new Set<PendingCall>();
  #isClosed = false;

  /**
   * @param handlers What the far side answers, by name.
   * @param terms How its errors come back.
   */
  constructor(handlers: ReadonlyMap<string, LinkHandler>, terms: ErrorTerms) {
    this.#handlers = handlers;
    this.#terms = terms;
  }

  /**
   * Calls a method of the far side; it is entered before this returns.
   *
   * @throws {CordonError} What it threw, `deadline_exceeded` or `channel_closed`.
   */
  call(method: string, params: readonly unknown[], options: CallOptions = {}): Promise<unknown> {
    const { signal, timeoutMs } = options;
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (this.#isClosed) return Promise.reject(closedError(method));
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const pending: PendingCall = { method, reject };
    const cancelling = new AbortController();
    const onAbort = () => {
      reject(signal!.reason);
      cancelling.abort(new CordonError("cancelled", describeReason(signal!.reason)));
    };
    const onDeadline = () => {
      reject(
        new CordonError("deadline_exceeded", `Cannot finish "${method}": no answer in ${timeoutMs} ms`, {
          facts: { timeoutMs },
        }),
      );
      cancelling.abort(new CordonError("cancelled", "deadline exceeded"));
    };
    let sent: unknown[];
    try {
      sent = carryMessage({ type: "call", id: 0, method, params: [...params] }).params;
    } catch (error) {
      return Promise.reject(error);
    }
    const timer = timeoutMs === undefined || !Number.isFinite(timeoutMs)
      ? undefined
      : setTimeout(onDeadline, Math.min(timeoutMs, MAX_TIMER_MS));
    signal?.addEventListener("abort", onAbort, { once: true });
    this.#pending.add(pending);
    this.#answer(method, sent, { signal: cancelling.signal, timeoutMs }).then(resolve, reject);
    return promise.finally(() => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
      this.#pending.delete(pending);
    });
  }

  /** Tells the far side something that has no answer. */
  notify(method: string, params: readonly unknown[]): void {
    const sent = carryMessage({ type: "notify", method, params: [...params] });
    if (!this.#isClosed) this.#handlers.get(method)?.(sent.params, {});
  }

  /** Ends it: what is in flight fails with `channel_closed`. */
  close(): void {
    this.#isClosed = true;
    for (const { method, reject } of this.#pending) reject(closedError(method));
  }

  async #answer(method: string, params: unknown[], call: CallOptions): Promise<unknown> {
    try {
      const value = await this.#handlers.get(method)!(params, call);
      return carryMessage({ type: "result", id: 0, value }).value;
    } catch (error) {
      throw carryError(error, this.#terms);
    }
  }
}

function closedError(method: string): CordonError {
  return new CordonError("channel_closed", `Cannot finish "${method}": the other side is gone`);
}

function describeReason(reason: unknown): string {
  return reason instanceof Error ? reason.message : "cancelled";
}
