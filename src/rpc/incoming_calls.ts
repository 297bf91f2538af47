/**
 * The answering half of a peer: calls that came in and are being answered.
 *
 * @module
 */

import { CordonError } from "../errors.ts";
import type { Channel } from "./channel.ts";
import { discardStreams } from "./discard_streams.ts";
import { type CallContext, IncomingCall } from "./incoming_call.ts";
import type { CallMessage, Message, ReceivedMessage } from "./message.ts";
import { toWireError } from "./remote_error.ts";
import { MAX_HELD_WEIGHT, MAX_MESSAGE_WEIGHT, tooHeavy, weigh } from "./weight.ts";

/** Answers one method. */
export type Handler = (params: readonly unknown[], context: CallContext) => unknown;

/** How calls are answered. */
export interface IncomingCallsOptions {
  /** Sends a message. */
  readonly send: (message: Message) => void;
  /** Methods by name. */
  readonly handlers: ReadonlyMap<string, Handler>;
  /** Calls answered at once at most. */
  readonly maxInFlight: number;
  /** Whether a method takes streams. */
  readonly takesStreams: (method: string) => boolean;
  /** Told of each call that is refused before it is anybody's. */
  readonly onRefused: (error: CordonError) => void;
  /** Whether errors carry our stack. */
  readonly sendStacks: boolean;
}

/** Answers the calls that come in over a channel. */
export class IncomingCalls {
  readonly #channel: Channel;
  readonly #send: (message: Message) => void;
  readonly #handlers: ReadonlyMap<string, Handler>;
  readonly #maxInFlight: number;
  readonly #takesStreams: (method: string) => boolean;
  readonly #onRefused: (error: CordonError) => void;
  readonly #sendStacks: boolean;
  readonly #calls = new Map<number, IncomingCall>();
  /** What the calls in flight weigh. */
  #weight = 0;
  /** What the answers weigh that wait for the far end to read. */
  #waitingWeight = 0;

  /**
   * @param channel Where answers go.
   * @param options How calls are answered.
   */
  constructor(channel: Channel, options: IncomingCallsOptions) {
    this.#channel = channel;
    this.#send = options.send;
    this.#handlers = options.handlers;
    this.#maxInFlight = options.maxInFlight;
    this.#takesStreams = options.takesStreams;
    this.#onRefused = options.onRefused;
    this.#sendStacks = options.sendStacks;
  }

  /** Answers a call, now or when its handler is done. */
  answer(message: CallMessage, { weight, hasStreams }: Pick<ReceivedMessage, "weight" | "hasStreams">): void {
    const refusal = this.#findRefusal(message, weight, hasStreams);
    if (refusal !== undefined) {
      this.#onRefused(refusal);
      return this.#fail(message, refusal);
    }
    const { id, method, params } = message;
    const call = new IncomingCall(message, weight);
    let value: unknown;
    try {
      value = this.#handlers.get(method)!(params, call);
      // Where the far end does not keep up, what is there at once waits as well.
      if (!isThenable(value) && this.#channel.drained === undefined) {
        return this.#send({ type: "result", id, value });
      }
    } catch (error) {
      discardStreams(value, error);
      return this.#fail(message, error);
    }
    // The handler itself may have ended the connection.
    if (this.#channel.isClosed) call.cancel(callerGone());
    else {
      this.#calls.set(id, call);
      this.#weight += weight;
    }
    void this.#answerLater(message, value, call);
  }

  #findRefusal({ id, method }: CallMessage, weight: number, hasStreams: boolean): CordonError | undefined {
    if (!this.#handlers.has(method)) return refuse("method_not_found", method, "there is no such method");
    if (this.#calls.has(id)) return refuse("protocol_violation", method, `id ${id} is in use`);
    if (this.#calls.size >= this.#maxInFlight) {
      return refuse("too_many_calls", method, `${this.#maxInFlight} calls are in flight`);
    }
    if (weight > MAX_MESSAGE_WEIGHT) return tooHeavy(`Cannot call "${clipName(method)}" with that`);
    if (this.#weight + weight > MAX_HELD_WEIGHT) {
      return refuse("too_many_calls", method, `calls in flight take ${MAX_HELD_WEIGHT} bytes in memory`);
    }
    if (!hasStreams || this.#takesStreams(method)) return undefined;
    return refuse("invalid_input", method, "it takes no streams");
  }

  async #answerLater(
    message: CallMessage,
    promised: unknown,
    call: IncomingCall,
  ): Promise<void> {
    const { id } = message;
    let value: unknown;
    let waitingWeight = 0;
    try {
      value = await promised;
      if (this.#channel.drained !== undefined) waitingWeight = this.#keepWaiting(value);
      // A slow reader holds its calls in flight, so that it cannot pile up answers.
      // Each waits again: the answer that went before may have filled the channel.
      while (this.#channel.drained !== undefined) await this.#channel.drained;
      if (this.#calls.get(id) === call) this.#send({ type: "result", id, value });
      else discardStreams(value, "nobody waits for it");
    } catch (error) {
      discardStreams(value, error);
      if (this.#calls.get(id) === call) this.#fail(message, error);
    } finally {
      this.#waitingWeight -= waitingWeight;
      if (this.#calls.get(id) === call) {
        this.#calls.delete(id);
        this.#weight -= call.weight;
      }
    }
  }

  /** Has an answer wait to be read; what it weighs. */
  #keepWaiting(value: unknown): number {
    const weight = weigh(value);
    if (this.#waitingWeight + weight > MAX_HELD_WEIGHT) {
      throw new CordonError(
        "not_reading",
        `Cannot answer: answers that take ${MAX_HELD_WEIGHT} bytes in memory wait to be read`,
      );
    }
    this.#waitingWeight += weight;
    return weight;
  }

  #fail({ id, params }: CallMessage, error: unknown): void {
    // What failed reads no further.
    discardStreams(params, error);
    if (this.#channel.isClosed) return;
    try {
      this.#send({ type: "error", id, error: toWireError(error, this.#sendStacks) });
    } catch (cause) {
      // An answer that cannot be sent has closed the channel, or must.
      this.#channel.close(cause);
    }
  }

  /** Has the signal of a call abort. */
  cancel(id: number, reason: string): void {
    this.#calls.get(id)?.cancel(new CordonError("cancelled", reason));
  }

  /** Has the signals of all calls abort; none of them is answered any more. */
  close(): void {
    for (const call of this.#calls.values()) call.cancel(callerGone());
    this.#calls.clear();
  }
}

function refuse(code: string, method: string, why: string): CordonError {
  return new CordonError(code, `Cannot call "${clipName(method)}": ${why}`);
}

/** A name that the far end chose, as it stands in messages. */
function clipName(name: string): string {
  return name.length <= 64 ? name : `${name.slice(0, 64)}…`;
}

function callerGone(): CordonError {
  return new CordonError("channel_closed", "The caller is gone");
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null &&
    typeof (value as { then?: unknown }).then === "function";
}
