/**
 * What travels in a frame's head: calls, their answers, cancellations and
 * notifications. Values are JSON-shaped; each `Uint8Array` in them travels as
 * a raw attachment and is put back at its path.
 *
 * @module
 */

import { encodeFrame, type Frame, FrameError } from "./frame.ts";

/** Deepest nesting of a value. */
export const MAX_DEPTH = 64;

/** Most attachments of one message. */
export const MAX_ATTACHMENTS = 1024;

/** An error as it travels: no stack of the host's, every field a plain value. */
export interface WireError {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  readonly hint?: string;
  readonly facts?: Record<string, unknown>;
  readonly stack?: string;
  readonly cause?: WireError;
}

/** One message between host and sandbox. */
export type Message =
  | { type: "call"; id: number; method: string; params: unknown[]; timeoutMs?: number }
  | { type: "result"; id: number; value?: unknown }
  | { type: "error"; id: number; error: WireError }
  | { type: "cancel"; id: number; reason?: string }
  | { type: "notify"; method: string; params: unknown[] };

type Key = string | number;
type Container = Record<Key, unknown>;
/** Path of an attachment inside the message, and its length in bytes. */
type Placement = readonly [path: readonly Key[], length: number];

/**
 * Renders a message as a frame.
 *
 * @throws {TypeError} If a value cannot be carried: a function, a bigint, a cycle, too deep.
 * @throws {FrameError} If the frame exceeds `maxBytes`.
 */
export function encodeMessage(message: Message, maxBytes?: number): Uint8Array[] {
  if (!holdsBytes(message, 0)) return encodeFrame(JSON.stringify(message), [], maxBytes);
  const attachments: Uint8Array[] = [];
  const placements: Placement[] = [];
  const lifted = liftBytes(message, [], { attachments, placements });
  return encodeFrame(JSON.stringify([lifted, placements]), attachments, maxBytes);
}

/**
 * Reads a message out of a frame.
 *
 * @throws {FrameError} If it is no message: whoever sent it broke the protocol.
 */
export function decodeMessage({ head, tail }: Frame): Message {
  let value: unknown;
  try {
    value = JSON.parse(head);
  } catch (cause) {
    throw new FrameError(`Cannot read a message: its head is not JSON (${(cause as Error).message})`);
  }
  if (Array.isArray(value)) {
    const [message, placements] = value;
    placeBytes(message, placements, tail);
    value = message;
  } else if (tail.byteLength > 0) {
    throw new FrameError(`Cannot read a message: ${tail.byteLength} bytes belong to nothing`);
  }
  if (!isMessage(value)) throw new FrameError("Cannot read a message: it is of no known type");
  // A shorter head has no room for as many brackets.
  if (head.length > 2 * MAX_DEPTH && isTooDeep(value, 0)) {
    throw new FrameError(`Cannot read a message: it is nested deeper than ${MAX_DEPTH}`);
  }
  return value;
}

/** Whether containers are nested deeper than any sender of ours nests them; looks no deeper than that. */
function isTooDeep(value: unknown, depth: number): boolean {
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return false;
  if (depth > MAX_DEPTH) return true;
  for (const item of Array.isArray(value) ? value : Object.values(value)) {
    if (isTooDeep(item, depth + 1)) return true;
  }
  return false;
}

/** Whether a value can be carried, `depth` levels below the message it is in. */
export function isCarriable(value: unknown, depth: number): boolean {
  try {
    holdsBytes(value, depth);
    return true;
  } catch {
    // Whatever is wrong with it: it stays behind.
    return false;
  }
}

/**
 * Whether a value holds bytes, `depth` levels below the message it is in.
 *
 * @throws {TypeError} If it cannot be carried.
 */
export function holdsBytes(value: unknown, depth: number): boolean {
  switch (typeof value) {
    case "bigint":
    case "function":
    case "symbol":
      throw new TypeError(`Cannot carry a ${typeof value}: use JSON values and Uint8Array`);
    case "object":
      break;
    default:
      return false;
  }
  if (value === null) return false;
  if (value instanceof Uint8Array) return true;
  if (depth >= MAX_DEPTH) {
    throw new TypeError(`Cannot carry a value nested deeper than ${MAX_DEPTH} (or one with a cycle)`);
  }
  let found = false;
  if (Array.isArray(value)) {
    for (const item of value) if (holdsBytes(item, depth + 1)) found = true;
    return found;
  }
  if (
    value instanceof Map || value instanceof Set || ArrayBuffer.isView(value) || value instanceof ArrayBuffer
  ) {
    throw new TypeError(`Cannot carry a ${value.constructor.name}: use JSON values and Uint8Array`);
  }
  if (typeof (value as { toJSON?: unknown }).toJSON === "function") return false;
  for (const key of Object.keys(value)) if (holdsBytes((value as Container)[key], depth + 1)) found = true;
  return found;
}

/** Copies a checked value with null for each `Uint8Array`, and notes where those were. */
function liftBytes(
  value: unknown,
  path: readonly Key[],
  noted: { attachments: Uint8Array[]; placements: Placement[] },
): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Uint8Array) {
    if (noted.attachments.push(value) > MAX_ATTACHMENTS) {
      throw new TypeError(`Cannot carry more than ${MAX_ATTACHMENTS} byte arrays in one message`);
    }
    noted.placements.push([path, value.byteLength]);
    return null;
  }
  if (Array.isArray(value)) return value.map((item, index) => liftBytes(item, [...path, index], noted));
  if (typeof (value as { toJSON?: unknown }).toJSON === "function") return value;
  // Not an assignment: a key may be "__proto__".
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, liftBytes(item, [...path, key], noted)]),
  );
}

/** Puts the attachments back; a path may only lead to a null that is the message's own. */
function placeBytes(message: unknown, placements: unknown, tail: Uint8Array): void {
  if (!Array.isArray(placements) || placements.length > MAX_ATTACHMENTS) {
    throw new FrameError("Cannot read a message: its attachments are not a list");
  }
  let at = 0;
  for (const placement of placements) {
    const [path, length] = Array.isArray(placement) ? placement : [];
    if (
      !Array.isArray(path) || path.length === 0 || path.length > MAX_DEPTH ||
      !Number.isSafeInteger(length) || length < 0 || at + length > tail.byteLength
    ) {
      throw new FrameError("Cannot read a message: an attachment is out of bounds");
    }
    let target: unknown = message;
    for (const key of path.slice(0, -1)) target = ownValue(target, key);
    const last = path[path.length - 1];
    if (ownValue(target, last) !== null) {
      throw new FrameError("Cannot read a message: an attachment has no place");
    }
    // Not an assignment: the key may be "__proto__".
    Object.defineProperty(target as Container, last, {
      value: tail.subarray(at, at += length),
      configurable: true,
      enumerable: true,
      writable: true,
    });
  }
  if (at !== tail.byteLength) throw new FrameError("Cannot read a message: attachments and bytes differ");
}

function ownValue(target: unknown, key: unknown): unknown {
  if (
    typeof target !== "object" || target === null || ArrayBuffer.isView(target) ||
    (typeof key !== "string" && typeof key !== "number") || !Object.hasOwn(target, key)
  ) {
    throw new FrameError("Cannot read a message: an attachment has no place");
  }
  return (target as Container)[key];
}

function isMessage(value: unknown): value is Message {
  if (typeof value !== "object" || value === null) return false;
  const message = value as Record<string, unknown>;
  const hasId = Number.isSafeInteger(message.id) && (message.id as number) >= 0;
  switch (message.type) {
    case "call":
      return hasId && typeof message.method === "string" && Array.isArray(message.params) &&
        (message.timeoutMs === undefined || typeof message.timeoutMs === "number");
    case "result":
      return hasId;
    case "error":
      return hasId && isWireError(message.error, 0);
    case "cancel":
      return hasId && (message.reason === undefined || typeof message.reason === "string");
    case "notify":
      return typeof message.method === "string" && Array.isArray(message.params);
    default:
      return false;
  }
}

function isWireError(value: unknown, depth: number): value is WireError {
  if (typeof value !== "object" || value === null || depth > 8) return false;
  const error = value as Record<string, unknown>;
  const text = (field: unknown) => field === undefined || typeof field === "string";
  return typeof error.name === "string" && typeof error.message === "string" &&
    text(error.code) && text(error.hint) && text(error.stack) &&
    (error.facts === undefined || (typeof error.facts === "object" && error.facts !== null)) &&
    (error.cause === undefined || isWireError(error.cause, depth + 1));
}
