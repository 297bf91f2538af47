/**
 * Calls over a channel, in both directions: deadlines, cancellation, bounded
 * calls in flight. Only methods registered in a `Map` can be called.
 *
 * @module
 */

import { CordonError } from "../errors.ts";
import type { FrameChannel } from "./channel.ts";
import { type DeadlineOptions, Deadlines } from "./deadlines.ts";
import type { Frame } from "./frame.ts";
import { type Handler, IncomingCalls } from "./incoming_calls.ts";
import { decodeMessage, encodeMessage, type Message } from "./message.ts";
import { RemoteError } from "./remote_error.ts";

/** Calls in flight in each direction, unless the peer says otherwise. */
export const MAX_IN_FLIGHT = 1024;

/** Takes one kind of notification. */
export type NotificationHandler = (params: readonly unknown[]) => void;

/** What a peer can be asked and told. */
export interface PeerOptions {
  /** Methods by name. */
  readonly handlers?: ReadonlyMap<string, Handler>;
  /** Notifications by name; others are ignored. */
  readonly notifications?: ReadonlyMap<string, NotificationHandler>;
  /** Settles when the far end may be read on; undefined when that is now. @default {never held back} */
  readonly hold?: () => Promise<void> | undefined;
  /** Calls in flight in each direction. @default {1024} */
  readonly maxInFlight?: number;
  /** Whether errors carry our stack: only the plugin's side says yes. @default {false} */
  readonly sendStacks?: boolean;
  /** Whether codes of errors from the far end are believed: only the plugin's side says yes. @default {false} */
  readonly trustCodes?: boolean;
  /** How deadlines of calls tell the time. */
  readonly deadlines?: DeadlineOptions;
}

/** What may accompany an outgoing call. */
export interface PeerCallOptions {
  /** Milliseconds until the call fails with `deadline_exceeded`. */
  readonly timeoutMs?: number;
  /** Cancels the call, at the far end too. */
  readonly signal?: AbortSignal;
}

interface PendingCall {
  readonly method: string;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly timeoutMs: number | undefined;
  readonly detach: (() => void) | undefined;
}

/** One end of a connection that calls and is called. */
export class RpcPeer {
  readonly #channel: FrameChannel;
  readonly #notifications: ReadonlyMap<string, NotificationHandler>;
  readonly #maxInFlight: number;
  readonly #trustCodes: boolean;
  readonly #hold: () => Promise<void> | undefined;
  /** Calls without an answer, those that are not sent yet included. */
  readonly #outgoing = new Map<number, PendingCall>();
  /** Parameters of the calls that wait for a place or for the far end to read, oldest first. */
  readonly #waiting = new Map<number, readonly unknown[]>();
  #awaitedDrain: Promise<void> | undefined;
  readonly #incoming: IncomingCalls;
  readonly #deadlines: Deadlines<number>;
  #nextId = 0;

  /**
   * @param channel The channel; the peer closes it.
   * @param options What the peer can be asked and told.
   */
  constructor(channel: FrameChannel, options: PeerOptions = {}) {
    this.#channel = channel;
    this.#notifications = options.notifications ?? new Map();
    this.#maxInFlight = options.maxInFlight ?? MAX_IN_FLIGHT;
    this.#trustCodes = options.trustCodes ?? false;
    this.#hold = options.hold ?? (() => undefined);
    this.#deadlines = new Deadlines((id) => this.#expire(id), options.deadlines);
    this.#incoming = new IncomingCalls(channel, {
      handlers: options.handlers ?? new Map(),
      maxInFlight: this.#maxInFlight,
      sendStacks: options.sendStacks ?? false,
    });
  }

  /**
   * Serves until the channel ends.
   *
   * @returns Why it ended: undefined for a regular end.
   */
  async run(): Promise<unknown> {
    const reason = await this.#channel.receive((frame) => {
      this.#receive(frame);
      return this.#hold();
    });
    this.close(reason);
    return reason;
  }

  /**
   * Calls a method of the far end.
   *
   * @returns What it answered.
   * @throws {RemoteError} What it threw.
   * @throws {CordonError} `deadline_exceeded` or `channel_closed`.
   */
  call(method: string, params: readonly unknown[], options: PeerCallOptions = {}): Promise<unknown> {
    const { signal, timeoutMs } = options;
    if (signal?.aborted) return Promise.reject(signal.reason);
    const id = this.#nextId++;
    const mustWait = this.#outgoing.size >= this.#maxInFlight || this.#waiting.size > 0 ||
      this.#channel.drained !== undefined;
    try {
      if (!mustWait) this.#sendCall(id, method, params, timeoutMs);
    } catch (error) {
      return Promise.reject(error);
    }
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    let detach: (() => void) | undefined;
    if (signal !== undefined) {
      const onAbort = () => this.#cancel(id, signal.reason);
      signal.addEventListener("abort", onAbort, { once: true });
      detach = () => signal.removeEventListener("abort", onAbort);
    }
    this.#outgoing.set(id, { method, resolve, reject, timeoutMs, detach });
    if (timeoutMs !== undefined) this.#deadlines.set(id, timeoutMs);
    if (mustWait) {
      this.#waiting.set(id, params);
      this.#advance();
    }
    return promise;
  }

  /** Tells the far end something that has no answer. */
  notify(method: string, params: readonly unknown[]): void {
    this.#send({ type: "notify", method, params: params as unknown[] });
  }

  /** Bytes may wait to be written: settles when more can be sent, undefined when that is now. */
  get drained(): Promise<void> | undefined {
    return this.#channel.drained;
  }

  /** Ends the connection: what is in flight fails with `channel_closed`. */
  close(reason?: unknown): void {
    this.#channel.close(reason);
    this.#waiting.clear();
    this.#deadlines.clear();
    const why = reason instanceof CordonError && reason.code === "sandbox_stopped"
      ? `: ${reason.message}`
      : "";
    for (const id of [...this.#outgoing.keys()]) {
      const pending = this.#remove(id)!;
      const message = `Cannot finish "${pending.method}": the other side is gone${why}`;
      pending.reject(new CordonError("channel_closed", message, { cause: reason }));
    }
    this.#incoming.close();
  }

  #sendCall(id: number, method: string, params: readonly unknown[], timeoutMs: number | undefined): void {
    const limit = timeoutMs !== undefined && Number.isFinite(timeoutMs) ? timeoutMs : undefined;
    this.#send({ type: "call", id, method, params: params as unknown[], timeoutMs: limit });
  }

  #send(message: Message): void {
    this.#channel.send(encodeMessage(message, this.#channel.maxFrameBytes));
  }

  /** Sends calls that wait, while there are places and the far end reads. */
  #advance(): void {
    for (const [id, params] of this.#waiting) {
      if (this.#outgoing.size - this.#waiting.size >= this.#maxInFlight) return;
      const { drained } = this.#channel;
      if (drained !== undefined) {
        if (drained !== this.#awaitedDrain) void drained.then(() => this.#advance());
        this.#awaitedDrain = drained;
        return;
      }
      this.#waiting.delete(id);
      const { method, timeoutMs } = this.#outgoing.get(id)!;
      try {
        this.#sendCall(id, method, params, timeoutMs);
      } catch (error) {
        this.#remove(id)?.reject(error);
      }
    }
  }

  #remove(id: number): PendingCall | undefined {
    const pending = this.#outgoing.get(id);
    if (pending === undefined) return undefined;
    this.#outgoing.delete(id);
    if (pending.timeoutMs !== undefined) this.#deadlines.delete(id);
    pending.detach?.();
    return pending;
  }

  /** Takes the call that an answer belongs to; its place goes to the next. */
  #takeAnswered(id: number): PendingCall | undefined {
    if (this.#waiting.has(id)) return undefined;
    const pending = this.#remove(id);
    this.#advance();
    return pending;
  }

  #expire(id: number): void {
    const { method, timeoutMs } = this.#outgoing.get(id)!;
    this.#abandon(
      id,
      new CordonError("deadline_exceeded", `Cannot finish "${method}": no answer in ${timeoutMs} ms`, {
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
    const wasSent = !this.#waiting.delete(id);
    this.#remove(id)?.reject(error);
    if (wasSent) {
      try {
        this.#send({ type: "cancel", id, reason });
      } catch {
        // A far end that is gone or does not read needs no word; the channel is closed.
      }
    }
    this.#advance();
  }

  #receive(frame: Frame): void {
    const message = decodeMessage(frame);
    switch (message.type) {
      case "call":
        this.#incoming.answer(message);
        break;
      case "result":
        this.#takeAnswered(message.id)?.resolve(message.value);
        break;
      case "error":
        this.#takeAnswered(message.id)?.reject(new RemoteError(message.error, this.#trustCodes));
        break;
      case "cancel":
        this.#incoming.cancel(message.id, message.reason ?? "Cancelled by the caller");
        break;
      case "notify":
        this.#notifications.get(message.method)?.(message.params);
        break;
      default:
        message satisfies never;
    }
  }
}
