/**
 * The streams of a connection, in both directions.
 *
 * @module
 */

import { CordonError } from "../errors.ts";
import type { StreamSource } from "./carried_value.ts";
import { type DeadlineOptions, Deadlines } from "./deadlines.ts";
import { FrameError } from "./frame.ts";
import { type ChunkSize, IncomingStream, toReadable } from "./incoming_stream.ts";
import type { Message } from "./message.ts";
import { checkChunk, discardSource, OutgoingStream } from "./outgoing_stream.ts";
import { clipText, RemoteError, toWireError } from "./remote_error.ts";
import { type StreamBounds, type StreamKind, StreamTable } from "./stream_table.ts";
import { MAX_HELD_WEIGHT } from "./weight.ts";

/** Streams open at once in each direction, unless the peer says otherwise. */
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
  /** Told of a stream that was ended for what one of its ends did, or did not do. */
  readonly onFault?: ((error: CordonError) => void) | undefined;
  /** How many may be open that we send. @default {256 of each kind} */
  readonly sent?: StreamBounds | undefined;
  /** How many may be open that the far end sends. @default {256 of each kind} */
  readonly received?: StreamBounds | undefined;
  /** How their deadlines tell the time. */
  readonly deadlines?: DeadlineOptions | undefined;
  /** Whether errors carry our stack. */
  readonly sendStacks: boolean;
  /** Whether codes of errors from the far end are believed. */
  readonly trustCodes: boolean;
}

/** A stream that is numbered for a message that is not sent yet. */
interface NumberedStream {
  readonly id: number;
  readonly source: StreamSource;
  readonly kind: StreamKind;
}

const BOUNDS: StreamBounds = { asked: MAX_STREAMS, answered: MAX_STREAMS };

/** The streams of one connection. */
export class Streams {
  readonly #options: StreamsOptions;
  readonly #incoming: StreamTable<IncomingStream>;
  readonly #outgoing: StreamTable<OutgoingStream>;
  #numbered: NumberedStream[] = [];
  /** What came and was not read yet, in all streams. */
  #keptWeight = 0;
  #nextId = 0;
  readonly #silent: Deadlines<number>;
  readonly #unread: Deadlines<number>;

  /** @param options What they need of their connection. */
  constructor(options: StreamsOptions) {
    this.#options = options;
    this.#incoming = new StreamTable(options.received ?? BOUNDS);
    this.#outgoing = new StreamTable(options.sent ?? BOUNDS);
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
  number(source: StreamSource, kind: StreamKind): number {
    if (!this.#outgoing.hasRoom(kind, this.#numbered.length + 1)) {
      throw new CordonError(
        "too_many_streams",
        `Cannot send a stream: ${this.#outgoing.boundOf(kind)} are open`,
        { hint: "Read the others to their end, or cancel them" },
      );
    }
    const id = this.#nextId++;
    this.#numbered.push({ id, source, kind });
    return id;
  }

  /** Begins the streams of the message that was just sent. */
  begin(): void {
    if (this.#numbered.length === 0) return;
    const numbered = this.#numbered;
    this.#numbered = [];
    for (const one of numbered) this.#begin(one);
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
  open(id: number, kind: StreamKind): ReadableStream<unknown> {
    if (this.#incoming.has(id) || !this.#incoming.hasRoom(kind)) {
      throw new FrameError(
        `Cannot open stream ${id}: it is open, or ${this.#incoming.boundOf(kind)} others are`,
      );
    }
    const { idleMs } = this.#options;
    const incoming = new IncomingStream({
      grant: (bytes) => void this.#tell({ type: "credit", stream: id, bytes }),
      drop: (reason) => {
        this.#incoming.take(id);
        this.#silent.delete(id);
        this.#tell({
          type: "drop",
          stream: id,
          reason: reason instanceof Error ? reason.message : "cancelled",
        });
      },
      keep: (weight) => void (this.#keptWeight += weight),
      wait: (isWaiting) => {
        if (idleMs === undefined) return;
        if (isWaiting) this.#silent.set(id, idleMs);
        else this.#silent.delete(id);
      },
    });
    this.#incoming.add(id, incoming, kind);
    return toReadable(incoming);
  }

  /** Takes a message about a stream; one about a stream that has ended is late, and ignored. */
  receive(message: StreamMessage, size: ChunkSize): void {
    const id = message.stream;
    switch (message.type) {
      case "chunk":
        this.#incoming.get(id)?.take(message.value, size);
        if (this.#keptWeight > MAX_HELD_WEIGHT) this.#endHeavy(id);
        break;
      case "end":
        this.#incoming.take(id)?.end(
          message.error && new RemoteError(message.error, this.#options.trustCodes),
        );
        break;
      case "credit":
        this.#outgoing.get(id)?.grant(message.bytes);
        break;
      case "drop": {
        const reason = clipText(message.reason ?? "Cancelled by the reader");
        this.#outgoing.take(id)?.stop(new CordonError("cancelled", reason));
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
    for (const incoming of this.#incoming.takeAll()) incoming.end(error);
    for (const outgoing of this.#outgoing.takeAll()) outgoing.stop(error);
  }

  #begin({ id, source, kind }: NumberedStream): void {
    const { send, drained, idleMs } = this.#options;
    let outgoing: OutgoingStream;
    const line = {
      send: (value: unknown) => send({ type: "chunk", stream: id, value }, checkChunk),
      end: (error?: unknown) => {
        this.#outgoing.take(id);
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
    this.#outgoing.add(id, outgoing, kind);
    void outgoing.run();
  }

  /** The far end owes values. */
  #endSilent(id: number): void {
    const error = this.#describeIdle("nothing came");
    this.#incoming.take(id)?.end(error);
    this.#tell({ type: "drop", stream: id, reason: error.message });
  }

  /** The far end owes reading. */
  #endUnread(id: number): void {
    const error = this.#describeIdle("it was not read");
    const outgoing = this.#outgoing.take(id);
    this.#tell({ type: "end", stream: id, error: toWireError(error, false) });
    outgoing?.stop(error);
  }

  /** Nobody reads what comes, and there is no room for more. */
  #endHeavy(id: number): void {
    const message =
      `Cannot go on with a stream: what came in all of them and nobody read takes ${MAX_HELD_WEIGHT} bytes`;
    const error = new CordonError("stream_full", message);
    this.#options.onFault?.(error);
    this.#incoming.take(id)?.fail(error);
    this.#silent.delete(id);
    this.#tell({ type: "drop", stream: id, reason: message });
  }

  #describeIdle(what: string): CordonError {
    const { idleMs, onFault } = this.#options;
    const message = `Cannot go on with a stream: ${what} for ${idleMs! / 1000} s (limits.stream_idle)`;
    const error = new CordonError("stream_idle", message, { facts: { idleMs } });
    onFault?.(error);
    return error;
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
