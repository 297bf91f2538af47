/**
 * The sending end of a stream: it reads its source only as far as the far end
 * has given credit, and stops it when the far end wants no more.
 *
 * @module
 */

import { CordonError } from "../errors.ts";
import type { StreamSource } from "./carried_value.ts";
import { MAX_CHUNK_BYTES, sourceOf, STREAM_WINDOW_BYTES } from "./incoming_stream.ts";

/** Bytes of one chunk are cut to pieces of this length. */
const PIECE_BYTES = 128 * 1024;

/** Where values come from. */
interface Reader {
  next(): Promise<{ readonly done?: boolean; readonly value?: unknown }>;
  /** Has the source stop. */
  cancel(reason: unknown): void;
}

/** The way to the far end. */
export interface SendLine {
  /** Sends a chunk; the length of its frame in bytes. */
  send(value: unknown): number;
  /** Sends the end. */
  end(error?: unknown): void;
  /** Settles when more may be written; undefined when that is now. */
  readonly drained: Promise<void> | undefined;
  /** Told whether the source waits for the far end. */
  wait(isWaiting: boolean): void;
}

/** One stream that goes out. */
export class OutgoingStream {
  readonly #reader: Reader;
  readonly #line: SendLine;
  #credit = STREAM_WINDOW_BYTES;
  #granted: PromiseWithResolvers<void> | undefined;
  #isStopped = false;

  /**
   * @param source Where values come from; read by this alone.
   * @param line The way to the far end.
   * @throws {TypeError} If somebody else reads it.
   */
  constructor(source: StreamSource, line: SendLine) {
    this.#reader = openReader(source);
    this.#line = line;
  }

  /** Sends until the source ends, fails, or is stopped. */
  async run(): Promise<void> {
    try {
      while (!this.#isStopped) {
        const { done, value } = await this.#reader.next();
        if (this.#isStopped) return;
        if (done) return this.#line.end();
        if (!(value instanceof Uint8Array) || value.byteLength <= PIECE_BYTES) {
          await this.#send(value);
          continue;
        }
        for (let at = 0; at < value.byteLength; at += PIECE_BYTES) {
          await this.#send(value.subarray(at, at + PIECE_BYTES));
        }
      }
    } catch (error) {
      if (this.#isStopped) return;
      this.#line.end(error);
      this.#reader.cancel(error);
    }
  }

  /** Lets it send as many bytes more. */
  grant(bytes: number): void {
    this.#credit = Math.min(this.#credit + bytes, STREAM_WINDOW_BYTES);
    if (this.#credit > 0) this.#granted?.resolve();
  }

  /** Ends it without a word to the far end. */
  stop(reason: unknown): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#granted?.resolve();
    this.#reader.cancel(reason);
  }

  async #send(value: unknown): Promise<void> {
    while (this.#credit <= 0 && !this.#isStopped) {
      this.#granted = Promise.withResolvers();
      this.#line.wait(true);
      await this.#granted.promise;
      this.#line.wait(false);
    }
    while (!this.#isStopped && this.#line.drained !== undefined) await this.#line.drained;
    if (!this.#isStopped) this.#credit -= this.#line.send(value);
  }
}

/**
 * Checks the length of a chunk.
 *
 * @throws {CordonError} `chunk_too_large`.
 */
export function checkChunk(bytes: number): void {
  if (bytes <= MAX_CHUNK_BYTES) return;
  throw new CordonError(
    "chunk_too_large",
    `Cannot send a value of ${bytes} bytes in a stream: the bound is ${MAX_CHUNK_BYTES}`,
    { hint: "Send it in pieces, or as bytes, which are cut to pieces by themselves" },
  );
}

/** Has a source stop that nobody has read from. */
export function discardSource(source: StreamSource, reason: unknown): void {
  if (source instanceof ReadableStream && source.locked) return;
  openReader(source).cancel(reason);
}

function openReader(source: StreamSource): Reader {
  if (!(source instanceof ReadableStream)) {
    const iterator = source[Symbol.asyncIterator]();
    return {
      next: () => iterator.next(),
      cancel: () => void Promise.resolve(iterator.return?.()).catch(() => {}),
    };
  }
  if (source.locked) throw new TypeError("Cannot carry a stream that somebody reads already");
  const incoming = sourceOf(source);
  const reader = source.getReader();
  // A stream that came in is passed on as it comes, without the machinery of streams between.
  if (incoming !== undefined) {
    return { next: () => incoming.read(), cancel: (reason) => incoming.cancel(reason) };
  }
  return { next: () => reader.read(), cancel: (reason) => void reader.cancel(reason).catch(() => {}) };
}
