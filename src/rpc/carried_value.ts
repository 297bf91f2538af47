/**
 * Values inside a message: JSON-shaped, with `Uint8Array` where bytes are meant
 * and a stream where values follow. Bytes and streams are lifted out on one
 * side and put back at their paths on the other.
 *
 * @module
 */

import { FrameError } from "./frame.ts";

/** Deepest nesting of a value. */
export const MAX_DEPTH = 64;

/** Most attachments of one message, and most streams. */
export const MAX_ATTACHMENTS = 1024;

/** Something that values follow from. */
export type StreamSource = ReadableStream<unknown> | AsyncIterable<unknown>;

type Key = string | number;
type Path = readonly Key[];
type Container = Record<Key, unknown>;

/** Where in a message something was, and its length in bytes or the number of the stream. */
export type Placement = readonly [path: Path, figure: number];

/** A message without its bytes and streams, and where those belong. */
export interface LiftedValue {
  readonly value: unknown;
  readonly attachments: readonly Uint8Array[];
  readonly placements: readonly Placement[];
  readonly streams: readonly Placement[];
}

/** Whether something is a stream as it can be carried. */
export function isStream(value: object): value is StreamSource {
  return typeof (value as Partial<AsyncIterable<unknown>>)[Symbol.asyncIterator] === "function";
}

/** Whether a value holds bytes or streams; refuses what cannot be carried. */
export function mustBeLifted(value: unknown, depth: number): boolean {
  switch (typeof value) {
    case "bigint":
    case "function":
    case "symbol":
      throw new TypeError(`Cannot carry a ${typeof value}: use JSON values, Uint8Array and streams`);
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
    for (const item of value) if (mustBeLifted(item, depth + 1)) found = true;
    return found;
  }
  if (
    value instanceof Map || value instanceof Set || ArrayBuffer.isView(value) || value instanceof ArrayBuffer
  ) {
    throw new TypeError(
      `Cannot carry a ${value.constructor.name}: use JSON values, Uint8Array and streams`,
    );
  }
  if (isStream(value)) return true;
  if (typeof (value as { toJSON?: unknown }).toJSON === "function") return false;
  for (const key of Object.keys(value)) {
    if (mustBeLifted((value as Container)[key], depth + 1)) found = true;
  }
  return found;
}

/** Whether a value can be carried without a stream, `depth` levels below the message it is in. */
export function isCarriable(value: unknown, depth: number): boolean {
  try {
    return !mustBeLifted(value, depth) || findStreams(value).length === 0;
  } catch {
    // Whatever is wrong with it: it stays behind.
    return false;
  }
}

/**
 * Copies a checked value with null for each `Uint8Array` and stream, and notes where those were.
 *
 * @param openStream Numbers a stream.
 */
export function lift(value: unknown, openStream: (stream: StreamSource) => number): LiftedValue {
  const attachments: Uint8Array[] = [];
  const placements: Placement[] = [];
  const streams: Placement[] = [];
  const note = (list: Placement[], path: Path, figure: number) => {
    if (list.push([path, figure]) > MAX_ATTACHMENTS) {
      throw new TypeError(`Cannot carry more than ${MAX_ATTACHMENTS} byte arrays or streams in one message`);
    }
    return null;
  };
  const copy = (value: unknown, path: Path): unknown => {
    if (typeof value !== "object" || value === null) return value;
    if (value instanceof Uint8Array) {
      attachments.push(value);
      return note(placements, path, value.byteLength);
    }
    if (Array.isArray(value)) return value.map((item, index) => copy(item, [...path, index]));
    if (isStream(value)) return note(streams, path, openStream(value));
    if (typeof (value as { toJSON?: unknown }).toJSON === "function") return value;
    // Not an assignment: a key may be "__proto__".
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, copy(item, [...path, key])]),
    );
  };
  return { value: copy(value, []), attachments, placements, streams };
}

/** Puts the attachments back; a path may only lead to a null that is the message's own. */
export function placeBytes(message: unknown, placements: unknown, tail: Uint8Array): void {
  let at = 0;
  for (const [path, length] of readPlacements(placements)) {
    if (at + length > tail.byteLength) {
      throw new FrameError("Cannot read a message: an attachment is out of bounds");
    }
    place(message, path, () => tail.subarray(at, at += length));
  }
  if (at !== tail.byteLength) throw new FrameError("Cannot read a message: attachments and bytes differ");
}

/**
 * Puts streams back, as {@linkcode placeBytes}.
 *
 * @param openStream Opens the receiving end of a stream.
 * @returns How many there are.
 */
export function placeStreams(
  message: unknown,
  streams: unknown,
  openStream: (id: number) => unknown,
): number {
  const placements = readPlacements(streams);
  for (const [path, id] of placements) place(message, path, () => openStream(id));
  return placements.length;
}

/** The streams in a value; looks no deeper than values are carried, and into nothing twice. */
export function findStreams(value: unknown): StreamSource[] {
  const seen = new Set<object>();
  const find = (value: unknown, depth: number): StreamSource[] => {
    if (typeof value !== "object" || value === null || value instanceof Uint8Array) return [];
    if (depth > MAX_DEPTH || seen.has(value)) return [];
    seen.add(value);
    if (Array.isArray(value)) return value.flatMap((item) => find(item, depth + 1));
    if (isStream(value)) return [value];
    return Object.values(value).flatMap((item) => find(item, depth + 1));
  };
  return find(value, 0);
}

function readPlacements(placements: unknown): Placement[] {
  if (!Array.isArray(placements) || placements.length > MAX_ATTACHMENTS) {
    throw new FrameError("Cannot read a message: its attachments are not a list");
  }
  for (const placement of placements) {
    const [path, figure] = Array.isArray(placement) ? placement : [];
    if (
      !Array.isArray(path) || path.length === 0 || path.length > MAX_DEPTH ||
      !Number.isSafeInteger(figure) || figure < 0
    ) {
      throw new FrameError("Cannot read a message: an attachment is out of bounds");
    }
  }
  return placements;
}

function place(message: unknown, path: Path, make: () => unknown): void {
  let target: unknown = message;
  for (const key of path.slice(0, -1)) target = ownValue(target, key);
  const last = path[path.length - 1]!;
  if (ownValue(target, last) !== null) {
    throw new FrameError("Cannot read a message: an attachment has no place");
  }
  // Not an assignment: the key may be "__proto__".
  Object.defineProperty(target as Container, last, {
    value: make(),
    configurable: true,
    enumerable: true,
    writable: true,
  });
}

function ownValue(target: unknown, key: unknown): unknown {
  if (
    typeof target !== "object" || target === null || ArrayBuffer.isView(target) ||
    target instanceof ReadableStream ||
    (typeof key !== "string" && typeof key !== "number") || !Object.hasOwn(target, key)
  ) {
    throw new FrameError("Cannot read a message: an attachment has no place");
  }
  return (target as Container)[key];
}
