/**
 * Recordings made up for tests.
 *
 * @module
 */

import {
  messageOf,
  parseRecording,
  type Recording,
  type RecordingHead,
} from "../../src/recording/recording.ts";
import { listStreams } from "../../src/recording/recorded_stream.ts";
import type { Message } from "../../src/rpc/message.ts";

/** The first line of a recording. */
export function makeHead(more: Partial<RecordingHead> = {}): RecordingHead {
  return {
    recording: 1,
    cordon: "1.0.0",
    deno: "2.9.6",
    recorded: "2026-01-01T00:00:00.000Z",
    plugin: { id: "test.plain", version: "1.0.0", hash: "00" },
    provides: {},
    uses: {},
    events: { publishes: [], subscribes: [] },
    config: {},
    secrets: [],
    vars: {},
    permissions: [],
    places: { code: "/then/code", plugin: "/then/code", data: "/then/data", tmp: "/then/tmp" },
    ignore: [],
    ...more,
  };
}

/** A message to the plugin (`>`) or of the plugin (`<`), a millisecond after the one before. */
export type Line = readonly [direction: ">" | "<", message: Message, at?: number];

/** A recording of some messages that ended in good order. */
export function makeRecording(
  lines: readonly Line[],
  { head = {}, end = "asked" }: { head?: Partial<RecordingHead>; end?: "asked" | "exited" | "size" } = {},
): Recording {
  const frames = lines.map(([direction, message, at], index) => {
    const head = headOf(message);
    return {
      at: at ?? index,
      to: direction === ">" ? "plugin" as const : "host" as const,
      line: index + 2,
      head,
      tail: new Uint8Array(0),
      message: messageOf(JSON.stringify(head), new Uint8Array(0)),
    };
  });
  return { head: makeHead(head), frames, end: { at: lines.length, end } };
}

/** The head of a message as it travels: streams have their numbers beside it. */
function headOf(message: Message): unknown {
  const streams = [...listStreams(message)].map(([path, id]) => [JSON.parse(path), id]);
  if (streams.length === 0) return message;
  const text = JSON.stringify(message, (_key, value) => value === "(stream)" ? null : value);
  return [JSON.parse(text), [], streams];
}

/** A recording as text, read again. */
export function readLines(lines: readonly unknown[], name = "test.jsonl"): Recording {
  return parseRecording(`${lines.map((line) => JSON.stringify(line)).join("\n")}\n`, name);
}
