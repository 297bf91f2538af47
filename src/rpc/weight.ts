/**
 * What values take in memory, counted rather too high: the text of a message
 * says little about it, since three characters can be an object of its own.
 *
 * @module
 */

import { CordonError } from "../errors.ts";
import { isStream, MAX_DEPTH } from "./carried_value.ts";
import { FrameError } from "./frame.ts";

/** Most that one message may weigh: four times the largest frame. */
export const MAX_MESSAGE_WEIGHT: number = 64 * 1024 * 1024;

/** Most that calls in flight, answers that wait, or chunks that nobody reads may weigh, each of one connection. */
export const MAX_HELD_WEIGHT: number = 2 * MAX_MESSAGE_WEIGHT;

/** An object or a list by itself. */
const CONTAINER_BYTES = 64;

/** The place of an item, and a value that is no text. */
const PLACE_BYTES = 8;

/** The receiving end of a stream. */
const STREAM_BYTES = 4_096;

/** Most that a character of JSON can come to: an empty object takes two and a comma. */
const BYTES_A_CHARACTER = 24;

const [QUOTE, BACKSLASH, COLON, BRACKET, BRACE] = [0x22, 0x5c, 0x3a, 0x5b, 0x7b];

/** Heads up to this length are not looked into: they have no room for a deep value either. */
const SHORT_HEAD = 2 * MAX_DEPTH;

/** Heads up to this length are parsed without being looked at: what they come to is soon made. */
const LONG_HEAD = 2 * 1024 * 1024;

/**
 * Whether what a text of JSON holds takes more memory than a message may. Told from the text alone: to make
 * millions of objects takes the host longer than anybody should have to wait.
 */
export function isTooHeavy(text: string): boolean {
  if (text.length <= LONG_HEAD) return false;
  let weight = 0;
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case QUOTE:
        at = findEnd(text, at);
        break;
      case BRACE:
      case BRACKET:
        weight += PLACE_BYTES + CONTAINER_BYTES;
        break;
      case COLON:
        weight += PLACE_BYTES;
        break;
      default:
    }
  }
  return weight > MAX_MESSAGE_WEIGHT;
}

/** The quote that ends the text which begins with one. */
function findEnd(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at++) {
    const character = text.charCodeAt(at);
    if (character === QUOTE) return at;
    if (character === BACKSLASH) at++;
  }
  return text.length;
}

/**
 * Weighs what came in a message, and refuses what no sender of ours nests so deep.
 *
 * @param value The message, with its bytes.
 * @param frame What it came in.
 * @throws {FrameError} If containers are nested too deep.
 */
export function weighMessage(
  value: unknown,
  frame: { readonly head: string; readonly tail: Uint8Array },
): number {
  const { head, tail } = frame;
  return head.length > SHORT_HEAD ? weigh(value) : head.length * BYTES_A_CHARACTER + tail.byteLength;
}

/** What the receiving ends of so many streams weigh. */
export function weighStreams(count: number): number {
  return count * STREAM_BYTES;
}

/**
 * Weighs a value; one that is heavier than any message may be is not looked through to its end.
 *
 * @throws {FrameError} If containers are nested too deep.
 */
export function weigh(value: unknown, depth = 0): number {
  if (typeof value === "string") return PLACE_BYTES + 2 * value.length;
  if (typeof value !== "object" || value === null) return PLACE_BYTES;
  if (value instanceof Uint8Array) return CONTAINER_BYTES + value.byteLength;
  if (isStream(value)) return STREAM_BYTES;
  if (depth > MAX_DEPTH) throw new FrameError(`Cannot read a message: it is nested deeper than ${MAX_DEPTH}`);
  let weight = PLACE_BYTES + CONTAINER_BYTES;
  if (Array.isArray(value)) {
    for (let at = 0; at < value.length && weight <= MAX_MESSAGE_WEIGHT; at++) {
      weight += weigh(value[at], depth + 1);
    }
    return weight;
  }
  for (const key of Object.keys(value)) {
    weight += 2 * key.length + weigh((value as Record<string, unknown>)[key], depth + 1);
    if (weight > MAX_MESSAGE_WEIGHT) break;
  }
  return weight;
}

/** Refuses a message that weighs too much. */
export function tooHeavy(what: string): CordonError {
  return new CordonError(
    "message_too_large",
    `${what}: it takes more than ${MAX_MESSAGE_WEIGHT} bytes in memory`,
    { hint: "Send large values as bytes, or as a stream" },
  );
}
