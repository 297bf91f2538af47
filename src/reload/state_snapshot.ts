/**
 * A plugin's state as it is kept on disk: as it travels, bytes included.
 *
 * @module
 */

import { encodeFrame, PREFIX_BYTES } from "../rpc/frame.ts";
import { decodeMessage, renderMessage } from "../rpc/message.ts";

/** Encodes what a plugin handed over. */
export function encodeState(state: unknown): Uint8Array {
  const { head, attachments } = renderMessage({ type: "notify", method: "", params: [state] });
  const chunks = encodeFrame(head, attachments);
  const frame = new Uint8Array(chunks.reduce((length, chunk) => length + chunk.byteLength, 0));
  let at = 0;
  for (const chunk of chunks) {
    frame.set(chunk, at);
    at += chunk.byteLength;
  }
  return frame;
}

/** What was encoded. */
export function decodeState(frame: Uint8Array): unknown {
  const end = PREFIX_BYTES + new DataView(frame.buffer, frame.byteOffset).getUint32(4);
  const head = new TextDecoder().decode(frame.subarray(PREFIX_BYTES, end));
  const message = decodeMessage({ head, tail: frame.slice(end) });
  return (message as { params: unknown[] }).params[0];
}
