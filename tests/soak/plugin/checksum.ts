/**
 * Checksums, and things to take them of.
 *
 * @module
 */

const OFFSET = 0x811c9dc5;
const PRIME = 0x01000193;

/** FNV-1a of some bytes or characters, going on from that of what was before them. */
export function checksum(content: Uint8Array | string, before = OFFSET): number {
  let sum = before;
  if (typeof content === "string") {
    for (let at = 0; at < content.length; at++) sum = Math.imul(sum ^ content.charCodeAt(at), PRIME);
  } else {
    for (let at = 0; at < content.length; at++) sum = Math.imul(sum ^ content[at]!, PRIME);
  }
  return sum >>> 0;
}

/** A whole number below another one. */
export function below(end: number): number {
  return Math.floor(Math.random() * end);
}

/** Some text, of no more than so many characters. */
export function someText(max: number): string {
  return `${crypto.randomUUID()} ä→𝄞 "\\ `.repeat(Math.ceil(max / 44)).slice(0, below(max));
}

/** Some bytes: no two calls give the same. */
export function someBytes(count: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(count);
  for (let at = 0; at < count; at += 65_536) crypto.getRandomValues(bytes.subarray(at, at + 65_536));
  return bytes;
}
