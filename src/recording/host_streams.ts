/**
 * Streams that the host sent, sent again: their values in their turn, and no
 * further than the plugin lets the host send.
 *
 * @module
 */

import { STREAM_WINDOW_BYTES } from "../rpc/incoming_stream.ts";
import type { Message } from "../rpc/message.ts";
import { listStreams } from "./recorded_stream.ts";
import type { Step } from "./steps.ts";

interface HostStream {
  /** Whether the message that brings it was sent. */
  isOpen: boolean;
  /** Whether the plugin reads no further. */
  isDropped: boolean;
  /** Bytes that may be sent. */
  credit: number;
  /** By how much what was sent is longer than it was then: folders have other names. */
  growth: number;
  /** What had its turn and could not be sent, oldest first. */
  readonly late: Step[];
}

/** The streams that a replay sends. */
export class HostStreams {
  readonly #send: (step: Step) => number;
  readonly #streams = new Map<number, HostStream>();

  /** @param send Sends a step; the length of its frame in bytes. */
  constructor(send: (step: Step) => number) {
    this.#send = send;
  }

  /** A message was sent: its streams are open from now on. */
  open(message: Message): void {
    for (const id of listStreams(message).values()) {
      const stream = this.#find(id);
      stream.isOpen = true;
      this.#catchUp(stream);
    }
  }

  /** Sends a value or an end whose turn it is; false if the plugin has to read first. */
  take(step: Step, { type, stream: id }: Extract<Message, { type: "chunk" | "end" }>): boolean {
    const stream = this.#find(id);
    if (stream.isDropped) return true;
    const isFull = type === "chunk" && stream.credit <= 0;
    // Who had room then, but for longer names, may have no reason to read on.
    if (isFull && stream.credit + stream.growth <= 0) return false;
    if (isFull || !stream.isOpen || stream.late.length > 0) stream.late.push(step);
    else this.#sendOf(stream, step);
    return true;
  }

  /** The plugin lets the host send more. */
  grant(id: number, bytes: number): void {
    const stream = this.#find(id);
    stream.credit = Math.min(stream.credit + bytes, STREAM_WINDOW_BYTES);
    this.#catchUp(stream);
  }

  /** The plugin reads no further. */
  drop(id: number): void {
    const stream = this.#find(id);
    stream.isDropped = true;
    stream.late.length = 0;
  }

  #find(id: number): HostStream {
    const known = this.#streams.get(id);
    if (known !== undefined) return known;
    const stream = { isOpen: false, isDropped: false, credit: STREAM_WINDOW_BYTES, growth: 0, late: [] };
    this.#streams.set(id, stream);
    return stream;
  }

  #catchUp(stream: HostStream): void {
    while (stream.late.length > 0 && (stream.credit > 0 || stream.late[0]!.message.type === "end")) {
      this.#sendOf(stream, stream.late.shift()!);
    }
  }

  #sendOf(stream: HostStream, step: Step): void {
    stream.growth += step.growth;
    stream.credit -= this.#send(step);
  }
}
