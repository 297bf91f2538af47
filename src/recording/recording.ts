/**
 * What a recording is: one JSON value a line. The first line tells of the
 * plugin and of what it was given, each line after that is one frame between
 * host and sandbox in the order in which the host saw it, the last line says
 * how it ended. Frames are kept as they travelled, whatever is in them.
 *
 * @module
 */

import { z } from "zod";
import { CordonError } from "../errors.ts";
import type { Permission } from "../permissions/permission_set.ts";
import { decodeMessage, type Message } from "../rpc/message.ts";
import { RecordedStream } from "./recorded_stream.ts";

/** Version of the format; a recording says it first. */
export const RECORDING_FORMAT = 1;

/** Longest recording that is written or read, in bytes. */
export const MAX_RECORDING_BYTES = 256 * 1024 * 1024;

/** Longest line, in characters: the largest frame with its bytes as text. */
const MAX_LINE = 32 * 1024 * 1024;

/** The first line. */
export interface RecordingHead {
  /** The format. */
  readonly recording: typeof RECORDING_FORMAT;
  /** Version of Cordon that ran. */
  readonly cordon: string;
  /** Version of Deno that ran. */
  readonly deno: string;
  /** When it began, as an ISO 8601 date and time. */
  readonly recorded: string;
  /** The plugin, and a hash over its files. */
  readonly plugin: { readonly id: string; readonly version: string; readonly hash: string };
  /** Capabilities that its manifest provided. */
  readonly provides: Readonly<Record<string, unknown>>;
  /** Capabilities that it used. */
  readonly uses: Readonly<Record<string, unknown>>;
  /** Topics and patterns that it named. */
  readonly events: { readonly publishes: readonly string[]; readonly subscribes: readonly string[] };
  /** Its configuration, without the values of secrets. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Keys of the configuration whose values were replaced. */
  readonly secrets: readonly string[];
  /** Values of variables. */
  readonly vars: Readonly<Record<string, string>>;
  /** What it could reach. */
  readonly permissions: readonly Permission[];
  /** Its folders, which a replay has elsewhere. */
  readonly places: {
    readonly code: string;
    readonly plugin: string;
    readonly data: string;
    readonly tmp: string;
  };
  /** What a replay does not compare; people may add to it. */
  readonly ignore: readonly string[];
}

/** The last line. */
export interface RecordingEnd {
  /** Milliseconds since the recording began. */
  readonly at: number;
  /** Why: somebody said so, the plugin ended, it was as long as it may be, or it could not be written. */
  readonly end: "asked" | "exited" | "size" | "failed";
  /** Exit code of a plugin that ended. */
  readonly code?: number;
  /** Signal that ended it. */
  readonly signal?: string;
}

/** One frame between host and sandbox. */
export interface RecordedFrame {
  /** Milliseconds since the recording began. */
  readonly at: number;
  /** Who got it. */
  readonly to: "plugin" | "host";
  /** Its line in the file, counted from 1. */
  readonly line: number;
  /** Its head, as JSON. */
  readonly head: unknown;
  /** Its raw bytes. */
  readonly tail: Uint8Array;
  /** The message in it. */
  readonly message: Message;
}

/** A whole recording. */
export interface Recording {
  /** The first line. */
  readonly head: RecordingHead;
  /** The frames, oldest first. */
  readonly frames: readonly RecordedFrame[];
  /** How it ended; undefined where the host ended before it could say. */
  readonly end: RecordingEnd | undefined;
}

const text = z.string().max(8_192);
const texts = z.record(text, z.unknown());
const headModel: z.ZodType<RecordingHead> = z.object({
  recording: z.literal(RECORDING_FORMAT),
  cordon: text,
  deno: text,
  recorded: text,
  plugin: z.object({ id: text, version: text, hash: text }),
  provides: texts,
  uses: texts,
  events: z.object({ publishes: z.array(text), subscribes: z.array(text) }),
  config: texts,
  secrets: z.array(text),
  vars: z.record(text, text),
  permissions: z.array(
    z.object({ kind: z.enum(["net", "read", "write", "env", "sys", "run", "ffi"]), value: text }),
  ),
  places: z.object({ code: text, plugin: text, data: text, tmp: text }),
  ignore: z.array(text).max(256),
});

const frameModel = z.object({
  at: z.number(),
  to: z.enum(["plugin", "host"]),
  head: z.unknown(),
  tail: z.base64().optional(),
});

const endModel: z.ZodType<RecordingEnd> = z.object({
  at: z.number(),
  end: z.enum(["asked", "exited", "size", "failed"]),
  code: z.number().optional(),
  signal: z.string().optional(),
});

/** Puts its number where a message has a stream. */
export function nameStream(id: number): unknown {
  return new RecordedStream(id);
}

/**
 * The message that a frame carries.
 *
 * @throws {FrameError} If it carries none.
 */
export function messageOf(head: string, tail: Uint8Array): Message {
  return decodeMessage({ head, tail }, nameStream);
}

/**
 * Reads a recording. A last line that was cut short is left out: the host may
 * have been killed while it wrote it.
 *
 * @param source The text.
 * @param name What it is called in errors.
 * @throws {CordonError} `invalid_input`.
 */
export function parseRecording(source: string, name: string): Recording {
  const refuse = (state: string, hint?: string, cause?: unknown) =>
    new CordonError("invalid_input", `Cannot read the recording "${name}": ${state}`, { hint, cause });
  const lines = source.split("\n");
  // What follows the last line break is nothing, or a line that was cut.
  const isCut = lines.pop() !== "";
  if (lines.length === 0) throw refuse(isCut ? "its first line is cut" : "it is empty");
  const frames: RecordedFrame[] = [];
  let head: RecordingHead | undefined;
  let end: RecordingEnd | undefined;
  for (const [index, line] of lines.entries()) {
    try {
      if (line.length > MAX_LINE) throw new RangeError(`it has more than ${MAX_LINE} characters`);
      if (end !== undefined) throw new SyntaxError("nothing may follow the line that ends it");
      const value: unknown = JSON.parse(line);
      if (head === undefined) head = parseHead(value);
      else if (isEnd(value)) end = endModel.parse(value);
      else frames.push(parseFrame(value, index + 1));
    } catch (cause) {
      if (cause instanceof CordonError && cause.code === "newer_format") {
        throw refuse(cause.message, "Replay it with the version of Cordon that made it, or a newer one");
      }
      const state = head === undefined
        ? `it is none (${describe(cause)})`
        : `line ${index + 1}: ${describe(cause)}`;
      throw refuse(state, head === undefined ? "Make one: cordon record ID" : undefined, cause);
    }
  }
  return { head: head!, frames, end };
}

function parseHead(value: unknown): RecordingHead {
  const version = (value as { recording?: unknown } | null)?.recording;
  if (typeof version === "number" && version > RECORDING_FORMAT) {
    throw new CordonError("newer_format", `its format is ${version}, and ${RECORDING_FORMAT} is known here`);
  }
  return headModel.parse(value);
}

function isEnd(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.hasOwn(value, "end");
}

function parseFrame(value: unknown, line: number): RecordedFrame {
  const { tail = "", ...frame } = frameModel.parse(value);
  const bytes = Uint8Array.fromBase64(tail);
  return {
    ...frame,
    head: frame.head,
    tail: bytes,
    line,
    message: messageOf(JSON.stringify(frame.head), bytes),
  };
}

function describe(cause: unknown): string {
  if (cause instanceof z.ZodError) {
    const { path, message } = cause.issues[0]!;
    return path.length === 0 ? message : `${path.join(".")}: ${message}`;
  }
  return cause instanceof Error ? cause.message : String(cause);
}
