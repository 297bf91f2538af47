/**
 * The receiving end of a stream: what came waits here, bounded by the credit
 * that was given, until somebody reads it.
 *
 * @module
 */

import { FrameError } from "./frame.ts";

/** Bytes that may be sent ahead of the reader. */
export const STREAM_WINDOW_BYTES = 256 * 1024;

/** Largest chunk, in bytes; one that begins inside the window may go over it by as much. */
export const MAX_CHUNK_BYTES = 1024 * 1024;

/** What the receiving end does to its table and to the far end. */
export interface StreamLine {
  /** Lets the far end send as many bytes more. */
  grant(bytes: number): void;
  /** Has the far end stop. */
  drop(reason: unknown): void;
  /** Told whether the reader waits for the far end. */
  wait(isWaiting: boolean): void;
  /** Told how much more, or less, the chunks weigh that nobody has read. */
  keep(weight: number): void;
}

/** What a chunk measures. */
export interface ChunkSize {
  /** Length of its frame, in bytes. */
  readonly bytes: number;
  /** What it takes in memory. */
  readonly weight: number;
}

interface Waiter {
  resolve(result: IteratorResult<unknown, undefined>): void;
  reject(error: unknown): void;
}

const ENDED: IteratorResult<unknown, undefined> = { done: true, value: undefined };

/** One stream that comes in. */
export class IncomingStream {
  readonly #line: StreamLine;
  #chunks: (ChunkSize & { readonly value: unknown })[] = [];
  /** Bytes that the far end may still send. */
  #credit = STREAM_WINDOW_BYTES;
  /** Bytes read and not granted again yet. */
  #read = 0;
  #waiter: Waiter | undefined;
  #end: { readonly error?: unknown } | undefined;

  /** @param line The way to the far end. */
  constructor(line: StreamLine) {
    this.#line = line;
  }

  /**
   * Takes a chunk.
   *
   * @throws {FrameError} If the far end had no credit left.
   */
  take(value: unknown, { bytes, weight }: ChunkSize): void {
    if (this.#credit <= 0 || bytes > MAX_CHUNK_BYTES) {
      throw new FrameError("Cannot take a chunk: it is larger than allowed, or came without being asked for");
    }
    this.#credit -= bytes;
    if (this.#waiter === undefined) {
      this.#chunks.push({ value, bytes, weight });
      this.#line.keep(weight);
      return;
    }
    const waiter = this.#waiter;
    this.#waiter = undefined;
    this.#line.wait(false);
    this.#grant(bytes);
    waiter.resolve({ done: false, value });
  }

  /** Takes the end, or the error that it ended with; chunks before it can still be read. */
  end(error?: unknown): void {
    if (this.#end !== undefined) return;
    this.#end = error === undefined ? {} : { error };
    if (this.#waiter === undefined) return;
    if (error === undefined) this.#waiter.resolve(ENDED);
    else this.#waiter.reject(error);
    this.#waiter = undefined;
    this.#line.wait(false);
  }

  /** The next chunk; one read at a time. */
  read(): Promise<IteratorResult<unknown, undefined>> {
    const chunk = this.#chunks.shift();
    if (chunk !== undefined) {
      this.#line.keep(-chunk.weight);
      this.#grant(chunk.bytes);
      return Promise.resolve({ done: false, value: chunk.value });
    }
    if (this.#end !== undefined) {
      return "error" in this.#end ? Promise.reject(this.#end.error) : Promise.resolve(ENDED);
    }
    const { promise, resolve, reject } = Promise.withResolvers<IteratorResult<unknown, undefined>>();
    this.#waiter = { resolve, reject };
    this.#line.wait(true);
    return promise;
  }

  /** Gives it up: what is left of it is thrown away and the far end told. */
  cancel(reason: unknown): void {
    this.#forget();
    if (this.#end !== undefined) return;
    this.end();
    this.#line.drop(reason);
  }

  /** Ends it with an error at once: what is left of it is thrown away. */
  fail(error: unknown): void {
    this.#forget();
    this.end(error);
  }

  #forget(): void {
    for (const { weight } of this.#chunks) this.#line.keep(-weight);
    this.#chunks = [];
  }

  #grant(bytes: number): void {
    this.#read += bytes;
    // Not for each chunk: half a window is left to send meanwhile.
    if (this.#read < STREAM_WINDOW_BYTES / 2 || this.#end !== undefined) return;
    this.#credit += this.#read;
    this.#line.grant(this.#read);
    this.#read = 0;
  }
}

const SOURCES = new WeakMap<ReadableStream<unknown>, IncomingStream>();

/** A stream that came in, as everybody else knows streams. */
export function toReadable(incoming: IncomingStream): ReadableStream<unknown> {
  const readable = new ReadableStream<unknown>({
    async pull(controller) {
      const { done, value } = await incoming.read();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: (reason) => incoming.cancel(reason),
  }, { highWaterMark: 0 });
  SOURCES.set(readable, incoming);
  return readable;
}

/** The stream that came in behind a readable one, if there is one. */
export function sourceOf(readable: object): IncomingStream | undefined {
  return SOURCES.get(readable as ReadableStream<unknown>);
}
