/**
 * The plugin's own part of what its runtime says about an error: paths inside
 * its folder, and no frames of the runtime. Pure.
 *
 * @module
 */

import type { LastLine } from "./last_lines.ts";

/** Frames shown. */
const MAX_FRAMES = 30;
/** A longer line is no frame of ours. */
const MAX_FRAME_CHARS = 1_024;

/** Where something stands in a plugin's files. */
export interface SourcePlace {
  /** Path inside its folder. */
  readonly file: string;
  /** Line, from 1; undefined where only the file is known. */
  readonly line?: number;
  /** Column, from 1. */
  readonly column?: number;
}

/** An error as its report shows it. */
export interface CrashError {
  /** What was thrown: name and message, which may have several lines. */
  readonly message: string;
  /** Frames in the plugin's own code, and headings of causes between them. */
  readonly stack: readonly string[];
  /** Where it was thrown, as far as that is the plugin's code. */
  readonly at?: SourcePlace;
}

/** The place in the sources of a place in the code that ran; itself, but for a bundle. */
export type FindSource = (place: Required<SourcePlace>) => SourcePlace;

const FRAME = /^\s+at (?:(.*?) \()?(?:async )?(\S+?):(\d+):(\d+)\)?$/;
const HEADING = /^(?:error: )?Uncaught (?:\(in promise\) )?/;

/** The last lines that a process printed, parted where it tells of an uncaught error. */
export function partUncaught(
  lines: readonly LastLine[],
): { readonly before: readonly LastLine[]; readonly error: readonly LastLine[] } {
  const start = lines.findLastIndex(({ source, text }) =>
    source === "stderr" && text.startsWith("error: Uncaught")
  );
  return start < 0
    ? { before: lines, error: [] }
    : { before: lines.slice(0, start), error: lines.slice(start) };
}

/** Whether a line of an error is one of its frames. */
export function isFrame(line: string): boolean {
  return line.length <= MAX_FRAME_CHARS && FRAME.test(line);
}

/**
 * Reads the report of an error.
 *
 * @param lines Its lines: a message, frames, perhaps causes with frames of theirs.
 * @param options `codeUrl`: URL of the folder that the code ran from, with a slash at its end.
 * @returns Undefined where there is nothing to read.
 */
export function readStack(
  lines: readonly string[],
  { codeUrl, findSource }: { readonly codeUrl: string; readonly findSource: FindSource },
): CrashError | undefined {
  if (lines.length === 0) return undefined;
  const message: string[] = [];
  const stack: string[] = [];
  let at: SourcePlace | undefined;
  let isMessage = true;
  for (const line of lines) {
    const [, name, url = "", row, column] = (line.length <= MAX_FRAME_CHARS && FRAME.exec(line)) || [];
    if (row === undefined) {
      if (isMessage) message.push(message.length === 0 ? line.replace(HEADING, "") : line);
      else if (line.startsWith("Caused by")) stack.push(line);
      continue;
    }
    isMessage = false;
    if (!url.startsWith(codeUrl)) continue;
    const file = decodePath(url.slice(codeUrl.length));
    const place = findSource({ file, line: Number(row), column: Number(column) });
    at ??= place;
    const shown = formatPlace(place);
    stack.push(name === undefined ? `at ${shown}` : `at ${name} (${shown})`);
  }
  return {
    message: message.join("\n").replaceAll(codeUrl, ""),
    stack: stack.slice(0, MAX_FRAMES),
    ...(at === undefined ? {} : { at }),
  };
}

/** Renders a place as `file:line:column`, as far as it is known. */
export function formatPlace({ file, line, column }: SourcePlace): string {
  return [file, line, column].filter((part) => part !== undefined).join(":");
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    // A plugin may name its files, or throw stacks, as it likes.
    return path;
  }
}
