/**
 * What travels in a frame's head: calls, their answers, cancellations,
 * notifications and the chunks of streams. Values are JSON-shaped; each
 * `Uint8Array` in them travels as a raw attachment, each stream as its number,
 * and both are put back at their paths.
 *
 * @module
 */

import { lift, mustBeLifted, placeBytes, placeStreams, type StreamSource } from "./carried_value.ts";
import { type Frame, FrameError } from "./frame.ts";
import type { StreamKind } from "./stream_table.ts";
import { isTooHeavy, MAX_MESSAGE_WEIGHT, weighMessage, weighStreams } from "./weight.ts";

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

/** A method is asked for. */
export interface CallMessage {
  type: "call";
  id: number;
  method: string;
  params: unknown[];
  timeoutMs?: number | undefined;
  /** Id of the call of the other direction that this one is made for. */
  within?: number | undefined;
  /** W3C `traceparent` that the callee is to see. */
  trace?: string | undefined;
}

/** One message between host and sandbox. */
export type Message =
  | CallMessage
  | { type: "result"; id: number; value?: unknown }
  | { type: "error"; id: number; error: WireError }
  | { type: "cancel"; id: number; reason?: string }
  | { type: "notify"; method: string; params: unknown[] }
  // Numbered by the end that sends the values.
  | { type: "chunk"; stream: number; value?: unknown }
  | { type: "end"; stream: number; error?: WireError }
  // And these by the end that takes them.
  | { type: "credit"; stream: number; bytes: number }
  | { type: "drop"; stream: number; reason?: string };

/** Numbers the streams of a message that is sent. */
export type NumberStream = (stream: StreamSource) => number;

/** Opens the receiving end of a stream. */
export type OpenStream = (id: number, kind: StreamKind) => unknown;

/** A message as text, and the bytes that belong to it. */
export interface RenderedMessage {
  /** The JSON text. */
  readonly head: string;
  /** The bytes, in the order of their places in the text. */
  readonly attachments: readonly Uint8Array[];
}

/** A message that came. */
export interface ReceivedMessage {
  /** The message. */
  readonly message: Message;
  /** What it takes in memory, in bytes. */
  readonly weight: number;
  /** Whether streams came with it. */
  readonly hasStreams: boolean;
}

const NO_ATTACHMENTS: readonly Uint8Array[] = [];

/**
 * Renders a message.
 *
 * @throws {TypeError} If a value cannot be carried: a function, a bigint, a cycle, too deep.
 */
export function renderMessage(message: Message, numberStream: NumberStream = refuseStream): RenderedMessage {
  if (!mustBeLifted(carriedBy(message), 1)) {
    return { head: JSON.stringify(message), attachments: NO_ATTACHMENTS };
  }
  const { value, attachments, placements, streams } = lift(message, numberStream);
  const head = streams.length === 0 ? [value, placements] : [value, placements, streams];
  return { head: JSON.stringify(head), attachments };
}

/** Reads a message out of a frame, as {@linkcode receiveMessage}. */
export function decodeMessage(frame: Pick<Frame, "head" | "tail">, openStream?: OpenStream): Message {
  return receiveMessage(frame, openStream).message;
}

/**
 * Reads a message out of a frame.
 *
 * @throws {FrameError} If it is no message: whoever sent it broke the protocol.
 */
export function receiveMessage(
  { head, tail }: Pick<Frame, "head" | "tail">,
  openStream?: OpenStream,
): ReceivedMessage {
  if (isTooHeavy(head)) return { message: skim(head), weight: Infinity, hasStreams: false };
  let value: unknown;
  let streams: unknown;
  try {
    value = JSON.parse(head);
  } catch (cause) {
    throw new FrameError(`Cannot read a message: its head is not JSON (${(cause as Error).message})`);
  }
  if (Array.isArray(value)) {
    const [message, placements] = value;
    placeBytes(message, placements, tail);
    streams = value[2];
    value = message;
  } else if (tail.byteLength > 0) {
    throw new FrameError(`Cannot read a message: ${tail.byteLength} bytes belong to nothing`);
  }
  if (!isMessage(value)) throw new FrameError("Cannot read a message: it is of no known type");
  let weight = weighMessage(value, { head, tail });
  // Last: nothing is opened for a message that is refused.
  if (streams !== undefined) {
    if (openStream === undefined || (value.type !== "call" && value.type !== "result")) {
      throw new FrameError(`Cannot read a message: a ${value.type} carries no streams`);
    }
    const kind = value.type === "call" ? "asked" : "answered";
    weight += weighStreams(placeStreams(value, streams, (id) => openStream(id, kind)));
  }
  return { message: value, weight, hasStreams: streams !== undefined };
}

/** Begins as {@linkcode renderMessage} has them begin. */
const BEGINNING =
  /^\[?\{"type":"(?:(call|result)","id":(\d{1,15})(?:,"method":"([\w.-]{1,64})")?|(notify)","method":"([\w.-]{1,64})")/;

/**
 * What a message is that is not read any further, without what is in it.
 *
 * @throws {FrameError} Where nobody would hear that it is refused.
 */
function skim(head: string): Message {
  const [, type, id, method = "", notify, notification = ""] = BEGINNING.exec(head.slice(0, 256)) ?? [];
  if (type === "call") return { type, id: Number(id), method, params: [] };
  if (type === "result") return { type, id: Number(id) };
  if (notify !== undefined) return { type: "notify", method: notification, params: [] };
  throw new FrameError(`Cannot read a message: it takes more than ${MAX_MESSAGE_WEIGHT} bytes in memory`);
}

/** What in a message can be anything; the rest of it is ours. */
function carriedBy(message: Message): unknown {
  switch (message.type) {
    case "call":
    case "notify":
      return message.params;
    case "result":
    case "chunk":
      return message.value;
    default:
      return "error" in message ? message.error : undefined;
  }
}

function refuseStream(): never {
  throw new TypeError("Cannot carry a stream here: only arguments and results of calls have them");
}

function isMessage(value: unknown): value is Message {
  if (typeof value !== "object" || value === null) return false;
  const message = value as Record<string, unknown>;
  switch (message.type) {
    case "call":
      return isCount(message.id) && typeof message.method === "string" && Array.isArray(message.params) &&
        (message.timeoutMs === undefined || typeof message.timeoutMs === "number") &&
        (message.within === undefined || isCount(message.within)) && isText(message.trace);
    case "result":
      return isCount(message.id);
    case "error":
      return isCount(message.id) && isWireError(message.error, 0);
    case "cancel":
      return isCount(message.id) && isText(message.reason);
    case "notify":
      return typeof message.method === "string" && Array.isArray(message.params);
    case "chunk":
      return isCount(message.stream);
    case "end":
      return isCount(message.stream) && (message.error === undefined || isWireError(message.error, 0));
    case "credit":
      return isCount(message.stream) && isCount(message.bytes);
    case "drop":
      return isCount(message.stream) && isText(message.reason);
    default:
      return false;
  }
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isText(value: unknown): boolean {
  return value === undefined || typeof value === "string";
}

function isWireError(value: unknown, depth: number): value is WireError {
  if (typeof value !== "object" || value === null || depth > 8) return false;
  const error = value as Record<string, unknown>;
  return typeof error.name === "string" && typeof error.message === "string" &&
    isText(error.code) && isText(error.hint) && isText(error.stack) &&
    (error.facts === undefined || (typeof error.facts === "object" && error.facts !== null)) &&
    (error.cause === undefined || isWireError(error.cause, depth + 1));
}
