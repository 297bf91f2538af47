/**
 * The value of an event, encoded once however many it goes to: what it weighs
 * is known, nobody can change it on the way, and it can be kept on disk.
 *
 * @module
 */

import { CordonError } from "../errors.ts";
import { mustBeLifted } from "../rpc/carried_value.ts";
import { encodeFrame, PREFIX_BYTES } from "../rpc/frame.ts";
import { decodeMessage, renderMessage } from "../rpc/message.ts";

/** Largest value of an event, encoded. */
export const MAX_EVENT_BYTES: number = 1024 * 1024;

/** What each event weighs beside its value. */
const EVENT_COST = 256;

/** Levels of a message around a value when it is handed on. */
const DEPTH = 4;

/** A value as it is kept: JSON, or a frame where there are bytes in it. */
export type StoredValue = string | Uint8Array;

/** An encoded value. */
export class EventValue {
  /** JSON, or a frame where there are bytes in it. */
  readonly stored: StoredValue;
  /** Byte arrays in it. */
  readonly attachments: number;

  constructor(stored: StoredValue, attachments: number) {
    this.stored = stored;
    this.attachments = attachments;
  }

  /**
   * Encodes a value.
   *
   * @throws {TypeError} If it cannot be carried.
   * @throws {CordonError} `too_large`.
   */
  static encode(value: unknown): EventValue {
    if (!mustBeLifted(value, DEPTH)) {
      const text = JSON.stringify(value) ?? "null";
      assertSize(text.length);
      return new EventValue(text, 0);
    }
    const { head, attachments } = renderMessage({ type: "notify", method: "", params: [value] });
    const chunks = encodeFrame(head, attachments);
    const frame = new Uint8Array(chunks.reduce((length, chunk) => length + chunk.byteLength, 0));
    assertSize(frame.byteLength);
    let at = 0;
    for (const chunk of chunks) {
      frame.set(chunk, at);
      at += chunk.byteLength;
    }
    return new EventValue(frame, chunks.length - 1);
  }

  /** What it takes in memory, counted rather too high: a text may have two bytes a character. */
  get bytes(): number {
    return EVENT_COST + (typeof this.stored === "string" ? 2 * this.stored.length : this.stored.byteLength);
  }

  /** Its JSON; undefined where there are bytes in it. */
  get text(): string | undefined {
    return typeof this.stored === "string" ? this.stored : undefined;
  }

  /** The value, as a copy of its own. */
  decode(): unknown {
    if (typeof this.stored === "string") return JSON.parse(this.stored);
    const { buffer, byteOffset } = this.stored;
    const end = PREFIX_BYTES + new DataView(buffer, byteOffset).getUint32(4);
    const head = new TextDecoder().decode(this.stored.subarray(PREFIX_BYTES, end));
    const message = decodeMessage({ head, tail: this.stored.slice(end) });
    return (message as { params: unknown[] }).params[0];
  }
}

function assertSize(bytes: number): void {
  if (bytes <= MAX_EVENT_BYTES) return;
  throw new CordonError(
    "too_large",
    `Cannot publish a value of ${bytes} bytes: an event holds ${MAX_EVENT_BYTES} at most`,
    { hint: "Publish where it can be had instead" },
  );
}
