/**
 * The answering half of a peer: calls that came in and are being answered.
 *
 * @module
 */

import { CordonError } from "../errors.ts";
import type { Channel } from "./channel.ts";
import { discardStreams } from "./discard_streams.ts";
import { type CallContext, IncomingCall } from "./incoming_call.ts";
import type { CallMessage, Message } from "./message.ts";
import { toWireError } from "./remote_error.ts";

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
  /** Whether errors carry our stack. */
  readonly sendStacks: boolean;
}

/** Answers the calls that come in over a channel. */
export class IncomingCalls {
  readonly #channel: Channel;
  readonly #send: (message: Message) => void;
  readonly #handlers: ReadonlyMap<string, Handler>;
  readonly #maxInFlight: number;
  readonly #sendStacks: boolean;
  readonly #calls = new Map<number, IncomingCall>();

  /**
   * @param channel Where answers go.
   * @param options How calls are answered.
   */
  constructor(channel: Channel, { send, handlers, maxInFlight, sendStacks }: IncomingCallsOptions) {
    this.#channel = channel;
    this.#send = send;
    this.#handlers = handlers;
    this.#maxInFlight = maxInFlight;
    this.#sendStacks = sendStacks;
  }

  /** Answers a call, now or when its handler is done. */
  answer(message: CallMessage): void {
    const refusal = this.#findRefusal(message);
    if (refusal !== undefined) return this.#fail(message, refusal);
    const { id, method, params } = message;
    const call = new IncomingCall(message);
    let value: unknown;
    try {
      value = this.#handlers.get(method)!(params, call);
      if (!isThenable(value)) return this.#send({ type: "result", id, value });
    } catch (error) {
      return this.#fail(message, error);
    }
    // The handler itself may have ended the connection.
    if (this.#channel.isClosed) call.cancel(callerGone());
    else this.#calls.set(id, call);
    void this.#answerLater(message, value, call);
  }

  #findRefusal({ id, method }: CallMessage): CordonError | undefined {
    if (!this.#handlers.has(method)) {
      return new CordonError("method_not_found", `Cannot call "${method}": there is no such method`);
    }
    if (this.#calls.has(id)) {
      return new CordonError("protocol_violation", `Cannot call "${method}": id ${id} is in use`);
    }
    if (this.#calls.size < this.#maxInFlight) return undefined;
    return new CordonError(
      "too_many_calls",
      `Cannot call "${method}": ${this.#maxInFlight} calls are in flight`,
    );
  }

  async #answerLater(
    message: CallMessage,
    promised: PromiseLike<unknown>,
    call: IncomingCall,
  ): Promise<void> {
    const { id } = message;
    try {
      const value = await promised;
      // A slow reader holds its calls in flight, so that it cannot pile up answers.
      // Each waits again: the answer that went before may have filled the channel.
      while (this.#channel.drained !== undefined) await this.#channel.drained;
      if (this.#calls.get(id) === call) this.#send({ type: "result", id, value });
      else discardStreams(value, "nobody waits for it");
    } catch (error) {
      if (this.#calls.get(id) === call) this.#fail(message, error);
    } finally {
      if (this.#calls.get(id) === call) this.#calls.delete(id);
    }
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

function callerGone(): CordonError {
  return new CordonError("channel_closed", "The caller is gone");
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null &&
    typeof (value as { then?: unknown }).then === "function";
}
