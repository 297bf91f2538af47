// What deno-vm imports from a host that many networks do not reach, by the built-in functions.

/** Bytes as base64. */
export function encodeBase64(bytes: Uint8Array<ArrayBuffer>): string {
  return bytes.toBase64();
}

/** The bytes of a base64 text. */
export function decodeBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.fromBase64(text);
}
