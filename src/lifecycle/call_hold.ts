/**
 * Calls that wait while a new version takes over: a bounded number, in order,
 * each as long as its caller waits. When it is decided who serves they go on
 * there, and whatever comes later goes there at once.
 *
 * @module
 */

import { CordonError } from "../errors.ts";
import { discardStreams } from "../rpc/discard_streams.ts";
import type { InvokeOptions } from "./invoke_options.ts";

/** Calls that wait for one plugin at most. */
const MAX_HELD = 4_096;
/** Longest wait of a timer. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Calls a method of whoever serves. */
export type InvokeMethod = (
  method: string,
  args: readonly unknown[],
  options: InvokeOptions,
) => Promise<unknown>;

interface HeldCall {
  readonly method: string;
  readonly args: readonly unknown[];
  readonly options: InvokeOptions;
  readonly dueAt: number;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  /** Ends its watches; false when it has ended. */
  readonly detach: () => void;
}

/** Holds calls. */
export class CallHold {
  readonly #held = new Set<HeldCall>();
  #serve: InvokeMethod | undefined;

  /** How many wait. */
  get size(): number {
    return this.#held.size;
  }

  /**
   * Takes a call: it waits for its turn, or goes where it is decided.
   *
   * @throws {CordonError} `too_many_calls`, `deadline_exceeded`, or why it was called off.
   */
  take(
    method: string,
    args: readonly unknown[],
    options: InvokeOptions & { readonly timeoutMs: number },
  ): Promise<unknown> {
    if (this.#serve !== undefined) return this.#serve(method, args, options);
    if (this.#held.size >= MAX_HELD) {
      return refuse(
        args,
        new CordonError(
          "too_many_calls",
          `Cannot call "${method}": ${MAX_HELD} calls wait for a new version to take over`,
        ),
      );
    }
    if (options.signal?.aborted) return refuse(args, options.signal.reason);
    return this.#hold(method, args, options);
  }

  /** Has those that wait served, in order, and everything that comes later. */
  release(serve: InvokeMethod): void {
    this.#serve = serve;
    for (const call of this.#held) {
      call.detach();
      const { method, args, options, dueAt } = call;
      const timeoutMs = Math.max(1, dueAt - performance.now());
      serve(method, args, { ...options, timeoutMs }).then(call.resolve, call.reject);
    }
    this.#held.clear();
  }

  #hold(
    method: string,
    args: readonly unknown[],
    options: InvokeOptions & { readonly timeoutMs: number },
  ): Promise<unknown> {
    const { signal, cancellation, timeoutMs } = options;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const watches: (() => void)[] = [];
    const detach = () => watches.forEach((end) => end());
    const fail = (error: unknown) => {
      detach();
      this.#held.delete(call);
      discardStreams(args, error);
      reject(error);
    };
    const late = new CordonError(
      "deadline_exceeded",
      `Cannot call "${method}": no answer in ${timeoutMs} ms`,
    );
    const timer = setTimeout(() => fail(late), Math.min(timeoutMs, MAX_TIMER_MS));
    const onAbort = () => fail(signal!.reason);
    const dueAt = performance.now() + timeoutMs;
    const call: HeldCall = { method, args, options, dueAt, resolve, reject, detach };
    this.#held.add(call);
    signal?.addEventListener("abort", onAbort, { once: true });
    watches.push(() => clearTimeout(timer), () => signal?.removeEventListener("abort", onAbort));
    // Last: it may be called off already.
    const forget = cancellation?.whenCancelled(fail);
    if (forget !== undefined) watches.push(forget);
    return promise;
  }
}

function refuse(args: readonly unknown[], error: unknown): Promise<never> {
  discardStreams(args, error);
  return Promise.reject(error);
}
