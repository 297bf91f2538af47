/**
 * A value that is kept after the message that brought it has gone.
 *
 * @module
 */

/** Bytes that an object or a list takes by itself. */
const CONTAINER_BYTES = 64;

/** Bytes of an item's place in it, and of a value that is no text. */
const PLACE_BYTES = 8;

/** A value, and what it takes to keep it. */
export interface KeptValue {
  /** A copy that shares nothing with the message. */
  readonly value: unknown;
  /** Bytes of it: a text has two a character, every item of a list and key of an object its place. */
  readonly bytes: number;
}

/** Copies a value out of a message; its bytes are a view on the whole frame there. */
export function keepValue(value: unknown): KeptValue {
  let bytes = 0;
  const copy = (item: unknown): unknown => {
    bytes += PLACE_BYTES;
    if (typeof item === "string") bytes += 2 * item.length;
    if (typeof item !== "object" || item === null) return item;
    bytes += CONTAINER_BYTES;
    if (item instanceof Uint8Array) {
      bytes += item.byteLength;
      return item.slice();
    }
    if (Array.isArray(item)) return item.map(copy);
    // Not an assignment: a key may be "__proto__".
    return Object.fromEntries(
      Object.entries(item).map(([key, entry]) => {
        bytes += 2 * key.length;
        return [key, copy(entry)];
      }),
    );
  };
  return { value: copy(value), bytes };
}
