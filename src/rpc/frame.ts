/**
 * Frames: `u32 bodyLength, u32 headLength, head (JSON, UTF-8), attachments`,
 * all big-endian. Where in the message each run of raw bytes belongs and how
 * long it is stands in the head.
 *
 * @module
 */

import { CordonError } from "../errors.ts";

/** Bytes before the head: two lengths. */
export const PREFIX_BYTES = 8;

/** Largest body accepted unless a channel says otherwise. */
export const MAX_FRAME_BYTES = 16 * 1024 * 1024;

const SHARED_BUFFER_BYTES = 64 * 1024;
const NO_BYTES = new Uint8Array(0);
const encoder = new TextEncoder();
// Not fatal: what is not UTF-8 becomes U+FFFD and then usually fails as JSON.
const decoder = new TextDecoder();

/**
 * Small frames are cut from one slab after the other: frames sent together
 * then lie side by side and leave in one write without being copied.
 */
let slab = new Uint8Array(0);
let slabUsed = 0;

/** One frame: the text of its head and the raw bytes behind it. */
export interface Frame {
  /** The JSON text of the head. */
  readonly head: string;
  /** The raw bytes behind the head; a view that the receiver owns. */
  readonly tail: Uint8Array;
  /** Length of the body, in bytes. */
  readonly byteLength: number;
}

/** A frame that breaks the format or its bound. */
export class FrameError extends CordonError {
  override readonly name: string = "FrameError";
  /**
   * @param message What is wrong with the frame.
   * @param code Its kind, where nobody broke the protocol.
   */
  constructor(message: string, code: string = "protocol_violation") {
    super(code, message);
  }
}

/**
 * Renders a frame as chunks to be written in order; attachments are not copied.
 *
 * @throws {FrameError} If the frame exceeds `maxBytes`.
 */
export function encodeFrame(
  head: string,
  attachments: readonly Uint8Array[] = [],
  maxBytes: number = MAX_FRAME_BYTES,
): Uint8Array[] {
  // Three bytes a UTF-16 unit is the most that UTF-8 takes.
  const room = PREFIX_BYTES + head.length * 3;
  const isSmall = room <= SHARED_BUFFER_BYTES / 4;
  if (isSmall && slabUsed + room > slab.length) {
    slab = new Uint8Array(SHARED_BUFFER_BYTES);
    slabUsed = 0;
  }
  const [bytes, start] = isSmall ? [slab, slabUsed] : [new Uint8Array(room), 0];
  const { written } = encoder.encodeInto(head, bytes.subarray(start + PREFIX_BYTES));
  let bodyLength = 4 + written;
  for (const attachment of attachments) bodyLength += attachment.byteLength;
  if (bodyLength > maxBytes) {
    throw new FrameError(
      `Cannot send a message of ${bodyLength} bytes: the bound is ${maxBytes}`,
      "message_too_large",
    );
  }
  writeUint32(bytes, start, bodyLength);
  writeUint32(bytes, start + 4, written);
  const end = start + PREFIX_BYTES + written;
  if (isSmall) slabUsed = end;
  const chunk = bytes.subarray(start, end);
  return attachments.length === 0 ? [chunk] : [chunk, ...attachments];
}

/** Length of the body of a frame that was rendered. */
export function bodyLength(chunks: readonly Uint8Array[]): number {
  return chunks.reduce((sum, { byteLength }) => sum + byteLength, -4);
}

/**
 * Cuts a byte stream into frames, wherever its reads happen to end. Read into
 * {@linkcode FrameDecoder.space}, then take the frames of {@linkcode FrameDecoder.commit}.
 */
export class FrameDecoder {
  readonly #maxBytes: number;
  /** Shared by small frames; a larger frame gets a buffer of exactly its length. */
  readonly #shared = new Uint8Array(SHARED_BUFFER_BYTES);
  #buffer = this.#shared;
  #start = 0;
  #end = 0;

  /** @param maxBytes Largest body accepted. */
  constructor(maxBytes: number = MAX_FRAME_BYTES) {
    this.#maxBytes = maxBytes;
  }

  /** Where the next bytes of the stream go; never empty. */
  space(): Uint8Array<ArrayBuffer> {
    return this.#buffer.subarray(this.#end);
  }

  /**
   * Takes `length` bytes written into the space and yields the frames they complete.
   *
   * @throws {FrameError} If a length is out of bounds; the stream cannot be read further.
   */
  *commit(length: number): Generator<Frame, void, undefined> {
    this.#end += length;
    for (let frame = this.#next(); frame !== undefined; frame = this.#next()) yield frame;
  }

  /** Bytes of an unfinished frame: more than zero at the end of a stream means it was cut. */
  get pending(): number {
    return this.#end - this.#start;
  }

  #next(): Frame | undefined {
    if (this.pending < PREFIX_BYTES) return this.#makeRoom(PREFIX_BYTES);
    const bodyLength = readUint32(this.#buffer, this.#start);
    const headLength = readUint32(this.#buffer, this.#start + 4);
    if (bodyLength > this.#maxBytes) {
      throw new FrameError(`Cannot read a frame of ${bodyLength} bytes: the bound is ${this.#maxBytes}`);
    }
    if (headLength + 4 > bodyLength) {
      throw new FrameError(`Cannot read a frame: its head of ${headLength} bytes exceeds its body`);
    }
    const frameLength = 4 + bodyLength;
    if (this.pending < frameLength) return this.#makeRoom(frameLength);
    const headEnd = this.#start + PREFIX_BYTES + headLength;
    const frameEnd = this.#start + frameLength;
    const head = decoder.decode(this.#buffer.subarray(this.#start + PREFIX_BYTES, headEnd));
    this.#start = frameEnd;
    if (headEnd === frameEnd && this.#buffer === this.#shared) {
      return { head, tail: NO_BYTES, byteLength: bodyLength };
    }
    if (this.#buffer === this.#shared) {
      return { head, tail: this.#buffer.slice(headEnd, frameEnd), byteLength: bodyLength };
    }
    const tail = this.#buffer.subarray(headEnd, frameEnd);
    this.#use(this.#shared);
    return { head, tail, byteLength: bodyLength };
  }

  /** Sees to it that a frame of `length` bytes fits behind the start. */
  #makeRoom(length: number): undefined {
    if (this.pending === 0) return this.#use(this.#shared);
    if (this.#start + length <= this.#buffer.length) return;
    this.#use(length > SHARED_BUFFER_BYTES ? new Uint8Array(length) : this.#shared);
  }

  /** Goes on in `buffer`, taking along what is pending. */
  #use(buffer: Uint8Array<ArrayBuffer>): undefined {
    const pending = this.pending;
    if (pending > 0) buffer.set(this.#buffer.subarray(this.#start, this.#end));
    this.#buffer = buffer;
    this.#start = 0;
    this.#end = pending;
  }
}

function readUint32(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24 | bytes[at + 1]! << 16 | bytes[at + 2]! << 8 | bytes[at + 3]!) >>> 0;
}

function writeUint32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}
