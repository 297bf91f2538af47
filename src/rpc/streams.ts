/**
 * The streams of a connection, in both directions.
 *
 * @module
 */

import { CordonError } from "../errors.ts";
import type { StreamSource } from "./carried_value.ts";
import { type DeadlineOptions, Deadlines } from "./deadlines.ts";
import { FrameError } from "./frame.ts";
import { IncomingStream, toReadable } from "./incoming_stream.ts";
import type { Message } from "./message.ts";
import { checkChunk, discardSource, OutgoingStream } from "./outgoing_stream.ts";
import { clipText, RemoteError, toWireError } from "./remote_error.ts";

/** Streams open at once in each direction. */
export const MAX_STREAMS = 256;

/** A message about a stream. */
export type StreamMessage = Extract<Message, { stream: number }>;

/** What streams need of their connection. */
export interface StreamsOptions {
  /** Sends a message; the length of its frame in bytes. */
  readonly send: (message: Message, check?: (bytes: number) => void) => number;
  /** Settles when more may be written; undefined when that is now. */
  readonly drained: () => Promise<void> | undefined;
  /** Longest time for the far end to send or to read, in milliseconds. @default {no bound} */
  readonly idleMs?: number | undefined;
  /** Told of a stream that took longer. */
  readonly onIdle?: ((message: string) => void) | undefined;
  /** How their deadlines tell the time. */
  readonly deadlines?: DeadlineOptions | undefined;
  /** Whether errors carry our stack. */
  readonly sendStacks: boolean;
  /** Whether codes of errors from the far end are believed. */
  readonly trustCodes: boolean;
}

/** The streams of one connection. */
export class Streams {
  readonly #options: StreamsOptions;
  readonly #incoming = new Map<number, IncomingStream>();
  readonly #outgoing = new Map<number, OutgoingStream>();
  /** Numbered for a message that is not sent yet. */
  #numbered: { readonly id: number; readonly source: StreamSource }[] = [];
  #nextId = 0;
  readonly #silent: Deadlines<number>;
  readonly #unread: Deadlines<number>;

  /** @param options What they need of their connection. */
  constructor(options: StreamsOptions) {
    this.#options = options;
    this.#silent = new Deadlines((id) => this.#endSilent(id), options.deadlines);
    this.#unread = new Deadlines((id) => this.#endUnread(id), options.deadlines);
  }

  /** Streams that are open. */
  get size(): number {
    return this.#incoming.size + this.#outgoing.size;
  }

  /**
   * Numbers a stream of a message that is about to be sent.
   *
   * @throws {CordonError} `too_many_streams`.
   */
  number(source: StreamSource): number {
    if (this.#outgoing.size + this.#numbered.length >= MAX_STREAMS) {
      throw new CordonError("too_many_streams", `Cannot send a stream: ${MAX_STREAMS} are open`, {
        hint: "Read the others to their end, or cancel them",
      });
    }
    const id = this.#nextId++;
    this.#numbered.push({ id, source });
    return id;
  }

  /** Begins the streams of the message that was just sent. */
  begin(): void {
    if (this.#numbered.length === 0) return;
    const numbered = this.#numbered;
    this.#numbered = [];
    for (const { id, source } of numbered) this.#begin(id, source);
  }

  /** Gives up the streams of a message that could not be sent. */
  discard(reason: unknown): void {
    const numbered = this.#numbered;
    this.#numbered = [];
    for (const { source } of numbered) discardSource(source, reason);
  }

  /**
   * Opens the receiving end of a stream that a message brings.
   *
   * @throws {FrameError} If the number is taken, or there are too many.
   */
  open(id: number): ReadableStream<unknown> {
    if (this.#incoming.has(id) || this.#incoming.size >= MAX_STREAMS) {
      throw new FrameError(`Cannot open stream ${id}: it is open, or ${MAX_STREAMS} others are`);
    }
    const { idleMs } = this.#options;
    const incoming = new IncomingStream({
      grant: (bytes) => void this.#tell({ type: "credit", stream: id, bytes }),
      drop: (reason) => {
        this.#incoming.delete(id);
        this.#silent.delete(id);
        this.#tell({
          type: "drop",
          stream: id,
          reason: reason instanceof Error ? reason.message : "cancelled",
        });
      },
      wait: (isWaiting) => {
        if (idleMs === undefined) return;
        if (isWaiting) this.#silent.set(id, idleMs);
        else this.#silent.delete(id);
      },
    });
    this.#incoming.set(id, incoming);
    return toReadable(incoming);
  }

  /** Takes a message about a stream; one about a stream that has ended is late, and ignored. */
  receive(message: StreamMessage, bytes: number): void {
    const id = message.stream;
    switch (message.type) {
      case "chunk":
        this.#incoming.get(id)?.take(message.value, bytes);
        break;
      case "end": {
        const incoming = this.#incoming.get(id);
        this.#incoming.delete(id);
        incoming?.end(message.error && new RemoteError(message.error, this.#options.trustCodes));
        break;
      }
      case "credit":
        this.#outgoing.get(id)?.grant(message.bytes);
        break;
      case "drop": {
        const outgoing = this.#outgoing.get(id);
        this.#outgoing.delete(id);
        outgoing?.stop(new CordonError("cancelled", clipText(message.reason ?? "Cancelled by the reader")));
        break;
      }
      default:
        message satisfies never;
    }
  }

  /** Ends all of them with an error. */
  close(error: unknown): void {
    this.discard(error);
    this.#silent.clear();
    this.#unread.clear();
    for (const incoming of this.#incoming.values()) incoming.end(error);
    for (const outgoing of this.#outgoing.values()) outgoing.stop(error);
    this.#incoming.clear();
    this.#outgoing.clear();
  }

  #begin(id: number, source: StreamSource): void {
    const { send, drained, idleMs } = this.#options;
    let outgoing: OutgoingStream;
    const line = {
      send: (value: unknown) => send({ type: "chunk", stream: id, value }, checkChunk),
      end: (error?: unknown) => {
        this.#outgoing.delete(id);
        this.#tell({
          type: "end",
          stream: id,
          ...(error === undefined ? {} : { error: toWireError(error, this.#options.sendStacks) }),
        });
      },
      get drained() {
        return drained();
      },
      wait: (isWaiting: boolean) => {
        if (idleMs === undefined) return;
        if (isWaiting) this.#unread.set(id, idleMs);
        else this.#unread.delete(id);
      },
    };
    try {
      outgoing = new OutgoingStream(source, line);
    } catch (error) {
      return line.end(error);
    }
    this.#outgoing.set(id, outgoing);
    void outgoing.run();
  }

  /** The far end owes values. */
  #endSilent(id: number): void {
    const incoming = this.#incoming.get(id);
    const error = this.#describeIdle("nothing came");
    incoming?.end(error);
    this.#incoming.delete(id);
    this.#tell({ type: "drop", stream: id, reason: error.message });
  }

  /** The far end owes reading. */
  #endUnread(id: number): void {
    const outgoing = this.#outgoing.get(id);
    const error = this.#describeIdle("it was not read");
    this.#outgoing.delete(id);
    this.#tell({ type: "end", stream: id, error: toWireError(error, false) });
    outgoing?.stop(error);
  }

  #describeIdle(what: string): CordonError {
    const { idleMs, onIdle } = this.#options;
    const message = `Cannot go on with a stream: ${what} for ${idleMs! / 1000} s (limits.stream_idle)`;
    onIdle?.(message);
    return new CordonError("stream_idle", message, { facts: { idleMs } });
  }

  /** Sends what a connection that is gone, or that does not read, need not hear. */
  #tell(message: Message): void {
    try {
      this.#options.send(message);
    } catch {
      // The channel has closed for that, and closes the streams.
    }
  }
}
