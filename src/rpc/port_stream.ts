/**
 * A byte stream over messages, for a sandbox that shares our process. A port
 * queues without bound, so each end counts what the other has not taken yet:
 * it waits at a bound itself, and does not believe that the other one does.
 *
 * @module
 */

import type { ByteStream } from "./channel.ts";
import { FrameError } from "./frame.ts";

/** What one end may have sent that the other has not taken. */
const WINDOW = 1024 * 1024;
/** What a message counts beside its bytes. */
const MESSAGE_COST = 64;
/** Chunks from this length on are handed over instead of being copied. */
const TRANSFER_BYTES = 16 * 1024;
const NOTE_KINDS = ["ready", "stdout", "stderr", "exit"] as const;

/** What a worker tells beside its frames: that it is ready, what it prints, the code it ends with. */
export type NoteKind = typeof NOTE_KINDS[number];

/** How an end is connected. */
export interface PortStreamOptions {
  /** Sends a message to the other end. */
  readonly post: (message: unknown, options?: { transfer: Transferable[] }) => void;
  /** Takes notes; without it they break the protocol. */
  readonly onNote?: (kind: NoteKind, text: string) => void;
}

/**
 * One end. A message is a chunk of bytes, the number of what was taken, a
 * note, or null at the end; everything else breaks the protocol.
 */
export class PortStream implements ByteStream {
  readonly #options: PortStreamOptions;
  #chunks: Uint8Array[] = [];
  /** Where reading goes on: a chunk and a place in it. */
  #index = 0;
  #offset = 0;
  /** Cost of the chunks that wait to be read. */
  #held = 0;
  /** Cost of what was taken and not told yet. */
  #taken = 0;
  /** Cost of what the other end has not told to have taken. */
  #sent = 0;
  #ended = false;
  #closed = false;
  #failure: FrameError | undefined;
  #arrival: PromiseWithResolvers<void> | undefined;
  #room: PromiseWithResolvers<void> | undefined;

  /** @param options How this end is connected. */
  constructor(options: PortStreamOptions) {
    this.#options = options;
  }

  /** Takes a message of the other end, whatever it is. */
  take(message: unknown): void {
    if (this.#closed || this.#ended || this.#failure !== undefined) return;
    try {
      this.#accept(message);
    } catch (error) {
      this.#failure = error as FrameError;
    }
    this.#wake();
  }

  /** Reads what there is, up to the length of `into`; null at the end. */
  async read(into: Uint8Array): Promise<number | null> {
    while (this.#index === this.#chunks.length) {
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#ended || this.#closed) return null;
      this.#arrival ??= Promise.withResolvers();
      await this.#arrival.promise;
    }
    let length = 0;
    while (length < into.byteLength && this.#index < this.#chunks.length) {
      const chunk = this.#chunks[this.#index]!;
      const part = chunk.subarray(this.#offset, this.#offset + into.byteLength - length);
      into.set(part, length);
      length += part.byteLength;
      this.#offset += part.byteLength;
      if (this.#offset === chunk.byteLength) this.#drop(chunk);
    }
    return length;
  }

  /** Sends as much of `from` as the other end has room for. */
  async write(from: Uint8Array): Promise<number> {
    const wanted = Math.min(from.byteLength + MESSAGE_COST, WINDOW / 2);
    while (WINDOW - this.#sent < wanted) {
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#ended || this.#closed) throw new FrameError("Cannot write: the other end is gone");
      this.#room ??= Promise.withResolvers();
      await this.#room.promise;
    }
    // A copy: what it was cut from may be written to again, and belongs to the caller.
    const chunk = from.slice(0, WINDOW - this.#sent - MESSAGE_COST);
    const length = chunk.byteLength;
    this.#sent += length + MESSAGE_COST;
    // Handed over, it has no length any more.
    this.#options.post(chunk, length < TRANSFER_BYTES ? undefined : { transfer: [chunk.buffer] });
    return length;
  }

  /** Sends a note at once; false if the other end has no room for it. */
  note(kind: NoteKind, text: string): boolean {
    const cost = costOfNote(text);
    if (this.#closed || WINDOW - this.#sent < cost) return false;
    this.#sent += cost;
    this.#options.post([kind, text]);
    return true;
  }

  /** Ends both directions. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#chunks = [];
    this.#index = 0;
    this.#options.post(null);
    this.#wake();
  }

  #accept(message: unknown): void {
    if (message === null) {
      this.#ended = true;
    } else if (typeof message === "number") {
      if (!Number.isSafeInteger(message) || message <= 0 || message > this.#sent) {
        throw new FrameError("Cannot read: the other end took what was not sent");
      }
      this.#sent -= message;
    } else if (message instanceof Uint8Array) {
      // Shared memory could change under our hands.
      if (message.byteLength === 0 || !(message.buffer instanceof ArrayBuffer)) {
        throw new FrameError("Cannot read: a message is no chunk of bytes");
      }
      this.#held += message.byteLength + MESSAGE_COST;
      if (this.#held > WINDOW) {
        throw new FrameError(`Cannot read: more than ${WINDOW} bytes were sent unasked`);
      }
      this.#chunks.push(message);
    } else {
      this.#acceptNote(message);
    }
  }

  #acceptNote(message: unknown): void {
    const [kind, text, ...more] = Array.isArray(message) ? message : [];
    const known = NOTE_KINDS.find((name) => name === kind);
    if (
      known === undefined || typeof text !== "string" || more.length > 0 ||
      this.#options.onNote === undefined || costOfNote(text) > WINDOW
    ) {
      throw new FrameError("Cannot read: a message is of no known kind");
    }
    this.#told(costOfNote(text));
    this.#options.onNote(known, text);
  }

  #drop(chunk: Uint8Array): void {
    const cost = chunk.byteLength + MESSAGE_COST;
    this.#held -= cost;
    this.#offset = 0;
    this.#index++;
    if (this.#index === this.#chunks.length) {
      this.#chunks = [];
      this.#index = 0;
    }
    this.#told(cost);
  }

  /** Tells the other end what was taken, a quarter of the window at a time. */
  #told(cost: number): void {
    this.#taken += cost;
    if (this.#taken < WINDOW / 4 || this.#closed) return;
    this.#options.post(this.#taken);
    this.#taken = 0;
  }

  #wake(): void {
    this.#arrival?.resolve();
    this.#arrival = undefined;
    this.#room?.resolve();
    this.#room = undefined;
  }
}

function costOfNote(text: string): number {
  return 2 * text.length + MESSAGE_COST;
}
