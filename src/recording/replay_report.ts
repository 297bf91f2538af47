/**
 * What a replay comes to, in values and in words.
 *
 * @module
 */

import type { Message } from "../rpc/message.ts";
import { contentOf } from "./expected_messages.ts";
import type { Step } from "./steps.ts";

/** Longest rendering of a value, in characters. */
const MAX_SHOWN = 300;

/** The first difference between a recording and its replay. */
export interface ReplayDifference {
  /** Something else came, something came that nobody expected, or something did not come. */
  readonly type: "differs" | "unexpected" | "missing" | "ended";
  /** Line of the recording. */
  readonly line: number;
  /** Milliseconds after the recording began. */
  readonly atMs: number;
  /** The message that it is about, as one phrase. */
  readonly subject: string;
  /** Where in the message it is, as `--ignore` takes it. */
  readonly path?: string;
  /** What was recorded. */
  readonly expected?: unknown;
  /** What came. */
  readonly actual?: unknown;
  /** All of that as one sentence. */
  readonly message: string;
}

/** What a replay comes to. */
export interface ReplayReport {
  /** Whether the plugin did what was recorded. */
  readonly ok: boolean;
  /** Messages of the plugin that were as recorded. */
  readonly matched: number;
  /** Messages of the plugin that were not compared. */
  readonly ignored: number;
  /** Messages that were sent to it. */
  readonly sent: number;
  /** The first difference. */
  readonly difference?: ReplayDifference;
}

/** A message of the plugin in words; `asked` has what it was asked, by the id of the call. */
export function describeMessage(message: Message, asked: ReadonlyMap<number, string>): string {
  switch (message.type) {
    case "call":
      return message.method === "call"
        ? `its call of ${show(message.params[1])} of ${show(message.params[0])}`
        : `its request "${message.method}"${firstName(message.params)}`;
    case "notify":
      return `its notification "${message.method}"`;
    case "result":
    case "error":
      return `its answer to "${asked.get(message.id) ?? message.id}"`;
    case "cancel":
      return "its cancellation of a call";
    case "chunk":
      return "a value of its stream";
    case "end":
      return "the end of its stream";
    case "credit":
      return "its reading of a stream";
    case "drop":
      return "its cancellation of a stream";
    default:
      return message satisfies never;
  }
}

/** A difference in one message. */
export function differs(
  step: Step,
  actual: Message,
  { subject, path, values }: {
    subject: string;
    path: readonly string[];
    values: { readonly expected: unknown; readonly actual: unknown };
  },
): ReplayDifference {
  const where = path.length === 0 ? undefined : [step.names[0], ...path].join(".");
  const kind = step.message.type === actual.type ? "" : ` (${step.message.type}, and now ${actual.type})`;
  return {
    type: "differs",
    line: step.line,
    atMs: step.at,
    subject,
    ...(where === undefined ? {} : { path: where }),
    expected: values.expected,
    actual: values.actual,
    message: `${subject} differs${where === undefined ? kind : ` at ${where}`}: recorded ${
      show(values.expected)
    }, now ${show(values.actual)}`,
  };
}

/** Something that was not recorded; `step` is where the replay had got to. */
export function unexpected(
  actual: Message,
  step: Pick<Step, "line" | "at">,
  subject: string,
): ReplayDifference {
  return {
    type: "unexpected",
    line: step.line,
    atMs: step.at,
    subject,
    actual: contentOf(actual),
    message: `${subject} was not recorded: ${show(contentOf(actual))}`,
  };
}

/** Something that does not come. */
export function missing(
  { line, at, message }: Step,
  { subject, why, type }: { subject: string; why: string; type: "missing" | "ended" },
): ReplayDifference {
  return {
    type,
    line,
    atMs: at,
    subject,
    expected: contentOf(message),
    message: `${subject} does not come, ${why}: recorded ${show(contentOf(message))}`,
  };
}

/** A value as one line of bounded length. */
export function show(value: unknown): string {
  const text = value === undefined
    ? "nothing"
    : JSON.stringify(value, (_key, part) =>
      part instanceof Uint8Array ? `<${part.length} bytes ${part.subarray(0, 12).toHex()}>` : part);
  return text.length <= MAX_SHOWN ? text : `${text.slice(0, MAX_SHOWN)}… (${text.length} characters)`;
}

function firstName([first]: readonly unknown[]): string {
  return typeof first === "string" ? ` ${JSON.stringify(first)}` : "";
}
