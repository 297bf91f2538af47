/**
 * Frames over a byte stream: reads are cut into frames, writes of one turn of
 * the event loop leave together, and what waits to be written is bounded.
 *
 * @module
 */

import { CordonError } from "../errors.ts";
import { bodyLength, encodeFrame, type Frame, FrameDecoder, FrameError, MAX_FRAME_BYTES } from "./frame.ts";
import type { RenderedMessage } from "./message.ts";

/** Chunks up to this length are gathered into one write. */
const GATHER_BYTES = 16 * 1024;
const WRITE_BUFFER_BYTES = 64 * 1024;
/** Frames taken in one turn of the event loop: a far end that floods us leaves turns to others. */
const FRAMES_A_TURN = 256;

/** A connected byte stream: the part of `Deno.Conn` that a channel needs. */
export interface ByteStream {
  /** Reads into `into`; the number of bytes read, or null at the end. */
  read(into: Uint8Array): Promise<number | null>;
  /** Writes from the start of `from`; the number of bytes taken. */
  write(from: Uint8Array): Promise<number>;
  /** Ends both directions. */
  close(): void;
}

/** Takes a frame; a promise holds back the next one. */
export type OnFrame = (frame: Frame) => void | Promise<void>;

/** Carries messages, in both directions and in order. */
export interface Channel extends Disposable {
  /** Whether it has ended. */
  readonly isClosed: boolean;
  /** Settles when so little waits that more may be sent; undefined when that is now. */
  readonly drained: Promise<void> | undefined;
  /**
   * Sends a message.
   *
   * @param check Refuses a length, in bytes, by throwing.
   * @returns The length of the frame as the far end counts it.
   * @throws {CordonError} `channel_closed`, `not_reading` when the far end lets too much pile up.
   * @throws {FrameError} If it exceeds the bound.
   */
  post(message: RenderedMessage, check?: (bytes: number) => void): number;
  /** Hands each frame over; settles at the end, with the reason if it was none between two frames. */
  receive(onFrame: OnFrame): Promise<unknown>;
  /** Ends it for good. */
  close(reason?: unknown): void;
}

/** Bounds of a channel. */
export interface ChannelOptions {
  /** Largest frame body accepted or sent, in bytes. */
  readonly maxFrameBytes?: number;
  /** Most bytes that may wait to be written; one more and the channel closes. */
  readonly maxQueuedBytes?: number;
}

/** Frames over a byte stream. */
export class FrameChannel implements Channel {
  readonly #stream: ByteStream;
  readonly #decoder: FrameDecoder;
  readonly #maxQueuedBytes: number;
  readonly #highWaterBytes: number;
  #queue: Uint8Array[] = [];
  #queuedBytes = 0;
  #writing = false;
  #drained: PromiseWithResolvers<void> | undefined;
  #closed: { reason: unknown } | undefined;

  /** Largest frame body accepted or sent, in bytes. */
  readonly maxFrameBytes: number;

  /**
   * @param stream The byte stream; the channel closes it.
   * @param options Bounds.
   */
  constructor(stream: ByteStream, options: ChannelOptions = {}) {
    this.#stream = stream;
    this.maxFrameBytes = options.maxFrameBytes ?? MAX_FRAME_BYTES;
    this.#maxQueuedBytes = options.maxQueuedBytes ?? 4 * this.maxFrameBytes;
    this.#highWaterBytes = Math.min(1024 * 1024, this.#maxQueuedBytes / 2);
    this.#decoder = new FrameDecoder(this.maxFrameBytes);
  }

  /** Whether the channel has ended. */
  get isClosed(): boolean {
    return this.#closed !== undefined;
  }

  /** Sends one message. */
  post({ head, attachments }: RenderedMessage, check?: (bytes: number) => void): number {
    const chunks = encodeFrame(head, attachments, this.maxFrameBytes);
    const length = bodyLength(chunks);
    check?.(length);
    this.send(chunks);
    return length;
  }

  /**
   * Queues the chunks of one frame.
   *
   * @throws {CordonError} `channel_closed`, or `not_reading` when the far end lets too much pile up.
   */
  send(chunks: readonly Uint8Array[]): void {
    if (this.#closed !== undefined) {
      throw new CordonError("channel_closed", "Cannot send: the channel is closed", {
        cause: this.#closed.reason,
      });
    }
    for (const chunk of chunks) {
      this.#queue.push(chunk);
      this.#queuedBytes += chunk.byteLength;
    }
    if (this.#queuedBytes > this.#maxQueuedBytes) {
      const error = new CordonError(
        "not_reading",
        `Cannot send: ${this.#queuedBytes} bytes wait because the far end does not read`,
      );
      this.close(error);
      throw error;
    }
    if (!this.#writing) {
      this.#writing = true;
      queueMicrotask(() => void this.#flush());
    }
  }

  /** Settles when so little waits that more may be sent; undefined when that is now. */
  get drained(): Promise<void> | undefined {
    if (this.#queuedBytes < this.#highWaterBytes || this.#closed !== undefined) return undefined;
    return (this.#drained ??= Promise.withResolvers()).promise;
  }

  /**
   * Reads until the end, handing each frame over in order; a promise returned
   * by `onFrame` holds back reading.
   *
   * @returns Why reading ended: undefined for an end between two frames.
   */
  async receive(onFrame: OnFrame): Promise<unknown> {
    try {
      while (this.#closed === undefined) {
        const length = await this.#stream.read(this.#decoder.space());
        if (length === null) {
          if (this.#decoder.pending > 0) {
            throw new FrameError("Cannot read a frame: the stream ended inside it", "channel_cut");
          }
          break;
        }
        let count = 0;
        for (const frame of this.#decoder.commit(length)) {
          const held = onFrame(frame);
          if (held !== undefined) await held;
          if (++count % FRAMES_A_TURN === 0) await new Promise((resolve) => setTimeout(resolve));
          // What else came with it is nobody's any more.
          if (this.isClosed) break;
        }
      }
      this.close();
    } catch (error) {
      this.close(error);
    }
    return this.#closed?.reason;
  }

  /** Ends the channel for good; what waits to be written is dropped. */
  close(reason?: unknown): void {
    if (this.#closed !== undefined) return;
    this.#closed = { reason };
    this.#queue = [];
    this.#queuedBytes = 0;
    this.#drained?.resolve();
    this.#drained = undefined;
    try {
      this.#stream.close();
    } catch {
      // The far end may have closed it already; either way it is closed.
    }
  }

  /** Closes the channel. */
  [Symbol.dispose](): void {
    this.close();
  }

  async #flush(): Promise<void> {
    try {
      while (this.#queue.length > 0) {
        const chunk = this.#gather();
        for (let at = 0; at < chunk.byteLength;) {
          at += await this.#stream.write(at === 0 ? chunk : chunk.subarray(at));
        }
        this.#queuedBytes = Math.max(0, this.#queuedBytes - chunk.byteLength);
        if (this.#drained !== undefined && this.#queuedBytes < this.#highWaterBytes) {
          this.#drained.resolve();
          this.#drained = undefined;
        }
      }
    } catch (error) {
      this.close(error);
    } finally {
      this.#writing = false;
    }
  }

  /** Takes the next chunk, joined with the small ones behind it as far as they fit into one write. */
  #gather(): Uint8Array {
    const first = this.#queue[0]!;
    if (this.#queue.length === 1 || first.byteLength > GATHER_BYTES) return this.#queue.shift()!;
    let count = 1;
    let length = first.byteLength;
    let isContiguous = true;
    for (; count < this.#queue.length; count++) {
      const chunk = this.#queue[count]!;
      if (chunk.byteLength > GATHER_BYTES || length + chunk.byteLength > WRITE_BUFFER_BYTES) break;
      isContiguous &&= chunk.buffer === first.buffer && chunk.byteOffset === first.byteOffset + length;
      length += chunk.byteLength;
    }
    const chunks = this.#queue.splice(0, count);
    if (isContiguous) return new Uint8Array(first.buffer, first.byteOffset, length);
    const gathered = new Uint8Array(length);
    let at = 0;
    for (const chunk of chunks) {
      gathered.set(chunk, at);
      at += chunk.byteLength;
    }
    return gathered;
  }
}
