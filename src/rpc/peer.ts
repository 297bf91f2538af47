/**
 * Calls over a channel, in both directions: deadlines, cancellation, bounded
 * calls in flight. Only methods registered in a `Map` can be called.
 *
 * @module
 */

import { CordonError } from "../errors.ts";
import type { Channel } from "./channel.ts";
import type { DeadlineOptions } from "./deadlines.ts";
import { discardStreams } from "./discard_streams.ts";
import type { StreamSource } from "./carried_value.ts";
import { type Frame, FrameError } from "./frame.ts";
import type { ProtocolChoice } from "./handshake.ts";
import { type Handler, IncomingCalls } from "./incoming_calls.ts";
import { type Message, type ReceivedMessage, receiveMessage, renderMessage } from "./message.ts";
import { type CallOrigin, OutgoingCalls, type PeerCallOptions } from "./outgoing_calls.ts";
import { clipText, RemoteError } from "./remote_error.ts";
import type { StreamBounds, StreamKind } from "./stream_table.ts";
import { Streams } from "./streams.ts";
import { MAX_MESSAGE_WEIGHT, tooHeavy } from "./weight.ts";

/** Calls in flight in each direction, unless the peer says otherwise. */
export const MAX_IN_FLIGHT = 1024;

/** A message longer than this may take us long, and is paced if it took longer than that. */
const PACED_BYTES = 64 * 1024;
const PACED_MS = 10;

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
  /** Calls in flight that we make; more wait. @default {1024} */
  readonly maxInFlight?: number;
  /** Calls in flight that the far end makes; more are refused. @default {maxInFlight} */
  readonly maxAnswering?: number;
  /** Streams that may be open at once, those that we send and those that we receive. @default {256 of each kind} */
  readonly streams?: { readonly sent: StreamBounds; readonly received: StreamBounds };
  /** Methods whose arguments and results may hold streams. @default {all} */
  readonly streamMethods?: ReadonlySet<string>;
  /** Whether errors carry our stack: only the plugin's side says yes. @default {false} */
  readonly sendStacks?: boolean;
  /** Whether codes of errors from the far end are believed: only the plugin's side says yes. @default {false} */
  readonly trustCodes?: boolean;
  /** Longest time for the far end to send or to read a stream, in milliseconds. @default {no bound} */
  readonly streamIdleMs?: number;
  /** Whether a far end that takes up our time with large messages is read only half of it. @default {false} */
  readonly isPaced?: boolean;
  /** Told of a stream that was ended for what one of its ends did, or did not do. */
  readonly onStreamFault?: (error: CordonError) => void;
  /** Told of each message of the far end that is refused before it is anybody's. */
  readonly onRefused?: (error: CordonError) => void;
  /** Told of each message of ours that cannot be sent for what is in it. */
  readonly onUnsent?: (error: Error) => void;
  /** How deadlines tell the time. */
  readonly deadlines?: DeadlineOptions;
}

/** One end of a connection that calls and is called. */
export class RpcPeer {
  readonly #channel: Channel;
  readonly #notifications: ReadonlyMap<string, NotificationHandler>;
  readonly #trustCodes: boolean;
  readonly #hold: () => Promise<void> | undefined;
  readonly #outgoing: OutgoingCalls;
  readonly #incoming: IncomingCalls;
  readonly #streams: Streams;
  readonly #streamMethods: ReadonlySet<string> | undefined;
  readonly #isPaced: boolean;
  readonly #onRefused: (error: CordonError) => void;
  readonly #onUnsent: ((error: Error) => void) | undefined;
  #protocol: ProtocolChoice | undefined;

  /**
   * @param channel The channel; the peer closes it.
   * @param options What the peer can be asked and told.
   */
  constructor(channel: Channel, options: PeerOptions = {}) {
    this.#channel = channel;
    this.#notifications = options.notifications ?? new Map();
    this.#trustCodes = options.trustCodes ?? false;
    this.#hold = options.hold ?? (() => undefined);
    this.#streamMethods = options.streamMethods;
    this.#isPaced = options.isPaced ?? false;
    this.#onRefused = options.onRefused ?? (() => {});
    this.#onUnsent = options.onUnsent;
    const { maxInFlight = MAX_IN_FLIGHT, maxAnswering = maxInFlight, sendStacks = false } = options;
    const send = (message: Message, check?: (bytes: number) => void) => this.#send(message, check);
    this.#outgoing = new OutgoingCalls(channel, { send, maxInFlight, deadlines: options.deadlines });
    this.#incoming = new IncomingCalls(channel, {
      send,
      handlers: options.handlers ?? new Map(),
      maxInFlight: maxAnswering,
      takesStreams: (method) => this.#takesStreams(method),
      onRefused: this.#onRefused,
      sendStacks,
    });
    this.#streams = new Streams({
      send,
      drained: () => channel.drained,
      idleMs: options.streamIdleMs,
      onFault: options.onStreamFault,
      ...options.streams,
      deadlines: options.deadlines,
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
      const paused = this.#isPaced && frame.byteLength > PACED_BYTES
        ? this.#receivePaced(frame)
        : void this.#receive(frame);
      return this.#hold() ?? paused;
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
    return this.#outgoing.call(method, params, options);
  }

  /** What was kept for the calls that the far end makes for one of ours that it is answering. */
  originOf(id: number): CallOrigin | undefined {
    return this.#outgoing.originOf(id);
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
    const why = reason instanceof CordonError && reason.code === "sandbox_stopped"
      ? `: ${reason.message}`
      : "";
    const fail = (what: string) =>
      new CordonError("channel_closed", `Cannot ${what}: the other side is gone${why}`, { cause: reason });
    this.#outgoing.close((method) => fail(`finish "${method}"`));
    this.#incoming.close();
    this.#streams.close(fail("go on with a stream"));
  }

  /** Sends a message with the streams in it; the length of its frame in bytes. */
  #send(message: Message, check?: (bytes: number) => void): number {
    const kind = message.type === "call" ? "asked" : "answered";
    let bytes: number;
    try {
      bytes = this.#channel.post(renderMessage(message, (source) => this.#number(source, kind)), check);
    } catch (error) {
      this.#streams.discard(error);
      if (isAboutContent(error) && message.type !== "notify") this.#onUnsent?.(error);
      throw error;
    }
    this.#streams.begin();
    return bytes;
  }

  #number(source: StreamSource, kind: StreamKind): number {
    if (this.#protocol?.features.includes("streams")) return this.#streams.number(source, kind);
    throw new CordonError("not_supported", "Cannot carry a stream: the other side knows none", {
      hint: "Run both with the same version of Cordon",
    });
  }

  /** Settles when the far end may be read on: after as long as its message took us. */
  #receivePaced(frame: Frame): Promise<void> | undefined {
    const began = performance.now();
    this.#receive(frame);
    const tookMs = performance.now() - began;
    if (tookMs < PACED_MS) return undefined;
    return new Promise((resolve) => setTimeout(resolve, tookMs));
  }

  #receive(frame: Frame): void {
    const received = receiveMessage(frame, (id, kind) => this.#streams.open(id, kind));
    const { message, weight } = received;
    switch (message.type) {
      case "call":
        this.#incoming.answer(message, received);
        break;
      case "result":
        if (received.hasStreams || weight > MAX_MESSAGE_WEIGHT) this.#takeUnusualResult(message, received);
        else this.#outgoing.settle(message.id, ({ resolve }) => resolve(message.value));
        break;
      case "error":
        this.#outgoing.settle(
          message.id,
          ({ reject }) => reject(new RemoteError(message.error, this.#trustCodes)),
        );
        break;
      case "cancel":
        this.#incoming.cancel(message.id, clipText(message.reason ?? "Cancelled by the caller"));
        break;
      case "notify":
        if (weight > MAX_MESSAGE_WEIGHT) return this.#onRefused(tooHeavy("Cannot take a notification"));
        this.#notifications.get(message.method)?.(message.params);
        break;
      case "chunk":
      case "end":
      case "credit":
      case "drop":
        this.#streams.receive(message, { bytes: frame.byteLength, weight });
        break;
      default:
        message satisfies never;
    }
  }

  /** Takes a result that holds streams, or more than any may hold. */
  #takeUnusualResult(
    { id, value }: Message & { type: "result" },
    { weight, hasStreams }: ReceivedMessage,
  ): void {
    let unfit: CordonError | undefined;
    const isAwaited = this.#outgoing.settle(id, ({ method, resolve, reject }) => {
      const what = `Cannot take the answer to "${method}"`;
      if (weight > MAX_MESSAGE_WEIGHT) unfit = tooHeavy(what);
      else if (hasStreams && !this.#takesStreams(method)) {
        unfit = new CordonError("protocol_violation", `${what}: it holds a stream`);
      }
      if (unfit === undefined) resolve(value);
      else reject(unfit);
    });
    if (unfit !== undefined) this.#onRefused(unfit);
    if (unfit !== undefined || !isAwaited) discardStreams(value, unfit ?? "nobody waits for it");
  }

  #takesStreams(method: string): boolean {
    return this.#streamMethods?.has(method) ?? true;
  }
}

/** Whether a message could not be sent for what is in it, and not because of the far end. */
function isAboutContent(error: unknown): error is Error {
  return error instanceof TypeError || error instanceof FrameError ||
    (error instanceof CordonError && error.code === "chunk_too_large");
}
