import { encodeFrame } from "../../src/rpc/frame.ts";
import { type Message, type NumberStream, renderMessage } from "../../src/rpc/message.ts";

/** Renders a message as the chunks of a frame. */
export function encodeMessage(
  message: Message,
  maxBytes?: number,
  numberStream?: NumberStream,
): Uint8Array[] {
  const { head, attachments } = renderMessage(message, numberStream);
  return encodeFrame(head, attachments, maxBytes);
}
