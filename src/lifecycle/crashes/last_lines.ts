/**
 * The last lines that a plugin logged and printed, kept for the moment it ends.
 * They are kept as they came: most plugins never crash.
 *
 * @module
 */

import type { LogRecord } from "../../internal/log_record.ts";

const MAX_LINES = 50;
const MAX_CHARS = 16_384;
const MAX_LINE = 8_192;

/** One of the last lines of a plugin. */
export interface LastLine {
  /** When, as an ISO 8601 date and time. */
  readonly time: string;
  /** `log` for `ctx.log`, else the stream the plugin printed on. */
  readonly source: LogRecord["source"];
  /** What it says. */
  readonly text: string;
}

/** Keeps the last lines of one incarnation. */
export class LastLines {
  readonly #lines: { readonly at: number; readonly source: LogRecord["source"]; readonly text: string }[] =
    [];
  #chars = 0;

  /** Takes a line; the oldest make room for it. */
  add(source: LogRecord["source"], text: string): void {
    const line = { at: Date.now(), source, text: text.length <= MAX_LINE ? text : cut(text) };
    this.#lines.push(line);
    this.#chars += line.text.length;
    while (this.#lines.length > MAX_LINES || this.#chars > MAX_CHARS) {
      this.#chars -= this.#lines.shift()!.text.length;
    }
  }

  /** The lines, oldest first. */
  list(): LastLine[] {
    return this.#lines.map(({ at, ...line }) => ({ time: new Date(at).toISOString(), ...line }));
  }
}

/** The beginning of a long text; a slice alone would keep the whole. */
function cut(text: string): string {
  return new TextDecoder().decode(new TextEncoder().encode(text.slice(0, MAX_LINE)));
}
