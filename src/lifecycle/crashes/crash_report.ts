/**
 * What is known of the end of a plugin that nobody asked for, or of a start
 * that failed: what it was doing, what it used, what it said last.
 *
 * @module
 */

import { sanitizeText } from "../../internal/sanitize_text.ts";
import type { SandboxExit } from "../../sandbox/sandbox.ts";
import type { LimitBreach } from "../limits/limit_breach.ts";
import type { LimitState } from "../limits/limit_state.ts";
import type { LastLine } from "./last_lines.ts";
import { hideInLines } from "./secret_filter.ts";
import { type CrashError, type FindSource, isFrame, partUncaught, readStack } from "./plugin_stack.ts";

/** Longest line and message kept, in characters. */
const MAX_LINE = 1_000;
const MAX_MESSAGE = 4_000;
/** Names of methods kept. */
const MAX_METHODS = 10;

/** The report of one crash. */
export interface CrashReport {
  /** Plugin id. */
  readonly id: string;
  /** Version that ran. */
  readonly version: string;
  /** Hash of the files of that version, where it is known. */
  readonly hash?: string;
  /** When, as an ISO 8601 date and time. */
  readonly time: string;
  /** Whether it was starting or running. */
  readonly phase: "start" | "run";
  /** What happened, as one sentence. */
  readonly message: string;
  /** How its process ended; none where none was started, or where we ended it because its start had failed. */
  readonly exit?: SandboxExit;
  /** The limit that it was stopped for. */
  readonly breach?: LimitBreach;
  /** What it used of each limit at that moment. */
  readonly limits: readonly LimitState[];
  /** Milliseconds from the beginning of its start. */
  readonly uptimeMs: number;
  /** Calls that it did not answer any more, and the first of their methods. */
  readonly calls: { readonly count: number; readonly methods: readonly string[] };
  /** What its code threw, where it said so. */
  readonly error?: CrashError;
  /** What it logged and printed last, oldest first. */
  readonly lines: readonly LastLine[];
}

/** What a report is made from: facts, and texts as the plugin wrote them. */
export interface CrashFacts extends Omit<CrashReport, "error"> {
  /** What was thrown where a start failed, line by line. */
  readonly thrown?: readonly string[];
}

/** How the texts of a report are read. */
export interface CrashReading {
  /** URL of the folder that the code ran from, with a slash at its end. */
  readonly codeUrl: string;
  /** The place in the sources of a place in the code that ran. */
  readonly findSource: FindSource;
  /** Takes secrets out of a text. */
  readonly hideSecrets: (text: string) => string;
}

/** Makes the report: bounded, without secrets and control characters, with places in the plugin's sources. */
export function createCrashReport({ thrown, ...facts }: CrashFacts, reading: CrashReading): CrashReport {
  const { codeUrl, hideSecrets } = reading;
  const clean = (text: string, max: number) => {
    const shown = sanitizeText(hideSecrets(text.replaceAll(codeUrl, "")));
    return shown.length <= max ? shown : `${shown.slice(0, max)} [cut]`;
  };
  const { before, error: uncaught } = partUncaught(facts.lines);
  const printed = uncaught.flatMap(({ source, text }) => source === "stderr" ? [text] : []);
  const error = readStack(thrown ?? printed, reading);
  // Its frames are in the error already.
  const lines = [...before, ...uncaught.filter(({ source, text }) => source !== "stderr" || !isFrame(text))];
  const shown = hideInLines(lines.map(({ text }) => text), hideSecrets);
  return {
    ...facts,
    message: clean(facts.message, MAX_MESSAGE),
    ...(facts.exit === undefined ? {} : { exit: cleanExit(facts.exit, clean) }),
    calls: {
      count: facts.calls.count,
      methods: facts.calls.methods.slice(0, MAX_METHODS).map((name) => clean(name, MAX_LINE)),
    },
    ...(error === undefined ? {} : {
      error: {
        message: clean(error.message, MAX_MESSAGE),
        stack: error.stack.map((line) => clean(line, MAX_LINE)),
        ...(error.at === undefined ? {} : { at: { ...error.at, file: clean(error.at.file, MAX_LINE) } }),
      },
    }),
    lines: lines.map((line, index) => ({ ...line, text: clean(shown[index]!, MAX_LINE) })),
  };
}

type Clean = (text: string, max: number) => string;

function cleanExit({ reason, ...exit }: SandboxExit, clean: Clean): SandboxExit {
  return reason === undefined ? exit : { ...exit, reason: clean(reason, MAX_LINE) };
}
