/**
 * The asking half of a peer: calls of ours that are not answered yet, those
 * that wait for a place or for the far end to read included.
 *
 * @module
 */

import { CordonError } from "../errors.ts";
import type { Cancellation } from "./cancellation.ts";
import type { Channel } from "./channel.ts";
import { type DeadlineOptions, Deadlines } from "./deadlines.ts";
import { discardStreams } from "./discard_streams.ts";
import type { Message } from "./message.ts";

/** A place that calls are made from; it hears when the one that it belongs to is called off. */
export interface CallOrigin {
  /** Calls off what was called from there. */
  cancel(reason: unknown): void;
}

/** What may accompany an outgoing call. */
export interface PeerCallOptions {
  /** Milliseconds until the call fails with `deadline_exceeded`. */
  readonly timeoutMs?: number | undefined;
  /** Cancels the call, at the far end too. */
  readonly signal?: AbortSignal | undefined;
  /** Cancels it as well, for less than a signal costs. */
  readonly cancellation?: Cancellation | undefined;
  /** Id of the call of the other direction that this one is made for. */
  readonly within?: number | undefined;
  /** W3C `traceparent` that the callee is to see. */
  readonly trace?: string | undefined;
  /** What is kept for the calls that the far end makes for this one. */
  readonly origin?: CallOrigin | undefined;
  /** What errors name: the method of a plugin, where ours stands between. @default {the method called} */
  readonly subject?: string;
}

/** How calls are sent. */
export interface OutgoingCallsOptions {
  /** Sends a message. */
  readonly send: (message: Message) => void;
  /** Calls in flight at most; more wait. */
  readonly maxInFlight: number;
  /** How their deadlines tell the time. */
  readonly deadlines?: DeadlineOptions | undefined;
}

interface PendingCall {
  readonly method: string;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly options: PeerCallOptions;
  detach: (() => void) | undefined;
}

/** Calls the far end. */
export class OutgoingCalls {
  readonly #channel: Channel;
  readonly #send: (message: Message) => void;
  readonly #maxInFlight: number;
  /** Calls without an answer, those that are not sent yet included. */
  readonly #calls = new Map<number, PendingCall>();
  /** Parameters of the calls that are not sent yet, oldest first. */
  readonly #waiting = new Map<number, readonly unknown[]>();
  readonly #deadlines: Deadlines<number>;
  #awaitedDrain: Promise<void> | undefined;
  #nextId = 0;

  /**
   * @param channel Where calls go.
   * @param options How they are sent.
   */
  constructor(channel: Channel, { send, maxInFlight, deadlines }: OutgoingCallsOptions) {
    this.#channel = channel;
    this.#send = send;
    this.#maxInFlight = maxInFlight;
    this.#deadlines = new Deadlines((id) => this.#expire(id), deadlines);
  }

  /** Calls a method of the far end. */
  call(method: string, params: readonly unknown[], options: PeerCallOptions): Promise<unknown> {
    const { signal, timeoutMs, cancellation } = options;
    const id = this.#nextId++;
    const mustWait = this.#calls.size >= this.#maxInFlight || this.#waiting.size > 0 ||
      this.#channel.drained !== undefined;
    try {
      signal?.throwIfAborted();
      if (!mustWait) this.#sendCall(id, method, params, options);
    } catch (error) {
      discardStreams(params, error);
      return Promise.reject(error);
    }
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const pending: PendingCall = { method, resolve, reject, options, detach: undefined };
    this.#calls.set(id, pending);
    if (timeoutMs !== undefined) this.#deadlines.set(id, timeoutMs);
    if (mustWait) this.#waiting.set(id, params);
    // Last: it may be called off already, and is forgotten then.
    pending.detach = this.#attach(id, signal, cancellation);
    if (mustWait) this.#advance();
    return promise;
  }

  /** What was kept for the calls that the far end makes for one that it is answering. */
  originOf(id: number): CallOrigin | undefined {
    return this.#calls.get(id)?.options.origin;
  }

  /** Takes an answer; false when nobody waits for it. */
  settle(id: number, settle: (pending: Pick<PendingCall, "method" | "resolve" | "reject">) => void): boolean {
    if (this.#waiting.has(id)) return false;
    const pending = this.#remove(id);
    // Its place goes to the next.
    this.#advance();
    if (pending === undefined) return false;
    settle(pending);
    return true;
  }

  /** Fails all calls. */
  close(fail: (method: string) => unknown): void {
    this.#waiting.clear();
    this.#deadlines.clear();
    for (const id of [...this.#calls.keys()]) {
      const pending = this.#remove(id)!;
      const error = fail(pending.options.subject ?? pending.method);
      pending.options.origin?.cancel(error);
      pending.reject(error);
    }
  }

  /** Has a call called off by what accompanies it; the returned function ends that. */
  #attach(
    id: number,
    signal: AbortSignal | undefined,
    cancellation: Cancellation | undefined,
  ): (() => void) | undefined {
    if (signal === undefined) return cancellation?.whenCancelled((reason) => this.#cancel(id, reason));
    const onAbort = () => this.#cancel(id, signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    return () => signal.removeEventListener("abort", onAbort);
  }

  #sendCall(
    id: number,
    method: string,
    params: readonly unknown[],
    { timeoutMs, within, trace }: PeerCallOptions,
  ): void {
    const limit = timeoutMs !== undefined && Number.isFinite(timeoutMs) ? Math.ceil(timeoutMs) : undefined;
    this.#send({ type: "call", id, method, params: params as unknown[], timeoutMs: limit, within, trace });
  }

  /** Sends calls that wait, while there are places and the far end reads. */
  #advance(): void {
    for (const [id, params] of this.#waiting) {
      if (this.#calls.size - this.#waiting.size >= this.#maxInFlight) return;
      const { drained } = this.#channel;
      if (drained !== undefined) {
        if (drained !== this.#awaitedDrain) void drained.then(() => this.#advance());
        this.#awaitedDrain = drained;
        return;
      }
      this.#waiting.delete(id);
      const { method, options } = this.#calls.get(id)!;
      try {
        this.#sendCall(id, method, params, options);
      } catch (error) {
        discardStreams(params, error);
        this.#remove(id)?.reject(error);
      }
    }
  }

  #remove(id: number): PendingCall | undefined {
    const pending = this.#calls.get(id);
    if (pending === undefined) return undefined;
    this.#calls.delete(id);
    if (pending.options.timeoutMs !== undefined) this.#deadlines.delete(id);
    pending.detach?.();
    return pending;
  }

  #expire(id: number): void {
    const { method, options: { timeoutMs, subject = method } } = this.#calls.get(id)!;
    this.#abandon(
      id,
      new CordonError("deadline_exceeded", `Cannot finish "${subject}": no answer in ${timeoutMs} ms`, {
        facts: { timeoutMs },
      }),
      "deadline exceeded",
    );
  }

  #cancel(id: number, reason: unknown): void {
    this.#abandon(id, reason, reason instanceof Error ? reason.message : "cancelled");
  }

  /** Fails a call, and tells the far end if it knows of it. */
  #abandon(id: number, error: unknown, reason: string): void {
    const unsent = this.#waiting.get(id);
    this.#waiting.delete(id);
    const pending = this.#remove(id);
    pending?.options.origin?.cancel(error);
    pending?.reject(error);
    if (unsent !== undefined) {
      discardStreams(unsent, error);
    } else {
      try {
        this.#send({ type: "cancel", id, reason });
      } catch {
        // A far end that is gone or does not read needs no word; the channel is closed.
      }
    }
    this.#advance();
  }
}
