/**
 * Calls over a channel, in both directions: deadlines, cancellation, bounded
 * calls in flight. Only methods registered in a `Map` can be called.
 *
 * @module
 */

import { CordonError } from "../errors.ts";
import type { Cancellation } from "./cancellation.ts";
import type { FrameChannel } from "./channel.ts";
import { Deadlines } from "./deadlines.ts";
import { type Frame, PREFIX_BYTES } from "./frame.ts";
import { discardStreams } from "./discard_streams.ts";
import type { StreamSource } from "./carried_value.ts";
import type { ProtocolChoice } from "./handshake.ts";
import { type Handler, IncomingCalls } from "./incoming_calls.ts";
import { decodeMessage, encodeMessage, type Message } from "./message.ts";
import { RemoteError } from "./remote_error.ts";
import { Streams } from "./streams.ts";

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
  /** Longest time for the far end to send or to read a stream, in milliseconds. @default {no bound} */
  readonly streamIdleMs?: number;
  /** Told of a stream that took longer. */
  readonly onStreamIdle?: (message: string) => void;
}

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
}

interface PendingCall {
  readonly method: string;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly options: PeerCallOptions;
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
  readonly #streams: Streams;
  #protocol: ProtocolChoice | undefined;
  readonly #deadlines = new Deadlines<number>((id) => this.#expire(id));
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
    const sendStacks = options.sendStacks ?? false;
    const send = (message: Message, check?: (bytes: number) => void) => this.#send(message, check);
    this.#incoming = new IncomingCalls(channel, {
      send,
      handlers: options.handlers ?? new Map(),
      maxInFlight: this.#maxInFlight,
      sendStacks,
    });
    this.#streams = new Streams({
      send,
      drained: () => channel.drained,
      idleMs: options.streamIdleMs,
      onIdle: options.onStreamIdle,
      sendStacks,
      trustCodes: this.#trustCodes,
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
    const { signal, timeoutMs, cancellation } = options;
    const id = this.#nextId++;
    const mustWait = this.#outgoing.size >= this.#maxInFlight || this.#waiting.size > 0 ||
      this.#channel.drained !== undefined;
    try {
      signal?.throwIfAborted();
      if (!mustWait) this.#sendCall(id, method, params, options);
    } catch (error) {
      discardStreams(params, error);
      return Promise.reject(error);
    }
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const detach = this.#attach(id, signal, cancellation);
    this.#outgoing.set(id, { method, resolve, reject, options, detach });
    if (timeoutMs !== undefined) this.#deadlines.set(id, timeoutMs);
    if (mustWait) {
      this.#waiting.set(id, params);
      this.#advance();
    }
    return promise;
  }

  /** What was kept for the calls that the far end makes for one of ours that it is answering. */
  originOf(id: number): CallOrigin | undefined {
    return this.#outgoing.get(id)?.options.origin;
  }

  /** Streams that are open, in both directions. */
  get openStreams(): number {
    return this.#streams.size;
  }

  /** Sets what both ends speak; until then, as much as any end does. */
  agree(protocol: ProtocolChoice): void {
    this.#protocol = protocol;
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
      const error = new CordonError("channel_closed", message, { cause: reason });
      pending.options.origin?.cancel(error);
      pending.reject(error);
    }
    this.#incoming.close();
    this.#streams.close(
      new CordonError("channel_closed", `Cannot go on with a stream: the other side is gone${why}`, {
        cause: reason,
      }),
    );
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
    const limit = timeoutMs !== undefined && Number.isFinite(timeoutMs) ? timeoutMs : undefined;
    this.#send({ type: "call", id, method, params: params as unknown[], timeoutMs: limit, within, trace });
  }

  /** Sends a message with the streams in it; the length of its frame in bytes. */
  #send(message: Message, check?: (bytes: number) => void): number {
    let bytes = 0;
    try {
      const chunks = encodeMessage(
        message,
        this.#channel.maxFrameBytes,
        (source) => this.#number(source),
      );
      for (const chunk of chunks) bytes += chunk.byteLength;
      check?.(bytes);
      this.#channel.send(chunks);
    } catch (error) {
      this.#streams.discard(error);
      throw error;
    }
    this.#streams.begin();
    return bytes;
  }

  #number(source: StreamSource): number {
    if (this.#protocol?.features.includes("streams")) return this.#streams.number(source);
    throw new CordonError("not_supported", "Cannot carry a stream: the other side knows none", {
      hint: "Run both with the same version of Cordon",
    });
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
      const { method, options } = this.#outgoing.get(id)!;
      try {
        this.#sendCall(id, method, params, options);
      } catch (error) {
        discardStreams(params, error);
        this.#remove(id)?.reject(error);
      }
    }
  }

  #remove(id: number): PendingCall | undefined {
    const pending = this.#outgoing.get(id);
    if (pending === undefined) return undefined;
    this.#outgoing.delete(id);
    if (pending.options.timeoutMs !== undefined) this.#deadlines.delete(id);
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
    const { method, options: { timeoutMs } } = this.#outgoing.get(id)!;
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

  #receive(frame: Frame): void {
    const message = decodeMessage(frame, (id) => this.#streams.open(id));
    switch (message.type) {
      case "call":
        this.#incoming.answer(message);
        break;
      case "result": {
        const pending = this.#takeAnswered(message.id);
        if (pending === undefined) discardStreams(message.value, "nobody waits for it");
        else pending.resolve(message.value);
        break;
      }
      case "error":
        this.#takeAnswered(message.id)?.reject(new RemoteError(message.error, this.#trustCodes));
        break;
      case "cancel":
        this.#incoming.cancel(message.id, message.reason ?? "Cancelled by the caller");
        break;
      case "notify":
        this.#notifications.get(message.method)?.(message.params);
        break;
      case "chunk":
      case "end":
      case "credit":
      case "drop":
        this.#streams.receive(message, PREFIX_BYTES - 4 + frame.byteLength);
        break;
      default:
        message satisfies never;
    }
  }
}
