/**
 * What a real channel does to values and errors, without the channel: each
 * arrives as a copy, and what cannot be carried is refused.
 *
 * @module
 */

import { decodeMessage, type Message, renderMessage } from "../../rpc/message.ts";
import { RemoteError, toWireError } from "../../rpc/remote_error.ts";

/** How an error is told to the other side. */
export interface ErrorTerms {
  /** Whether its stack goes along: only the plugin's side says so. */
  readonly sendStacks: boolean;
  /** Whether its code is believed: only the plugin's side does. */
  readonly trustCodes: boolean;
}

/**
 * Copies a message as the channel would.
 *
 * @throws {TypeError} If a value in it cannot be carried.
 */
export function carryMessage<Kind extends Message>(message: Kind): Kind {
  const { head, attachments } = renderMessage(message);
  const tail = new Uint8Array(attachments.reduce((length, bytes) => length + bytes.byteLength, 0));
  let at = 0;
  for (const bytes of attachments) {
    tail.set(bytes, at);
    at += bytes.byteLength;
  }
  return decodeMessage({ head, tail }) as Kind;
}

/** The error that the other side meets when this one is thrown. */
export function carryError(error: unknown, { sendStacks, trustCodes }: ErrorTerms): RemoteError {
  const { error: wire } = carryMessage({ type: "error", id: 0, error: toWireError(error, sendStacks) });
  const remote = new RemoteError(wire, trustCodes);
  // In one process the way from the plugin's line is no secret: a failing test shows it.
  if (error instanceof Error && error.stack !== undefined) remote.stack = error.stack;
  return remote;
}
