/**
 * The one place that prints. Text goes to stdout, what is said about it to
 * stderr; with `--json` stdout holds JSON only.
 *
 * @module
 */

import { CordonError, errorMessage } from "../errors.ts";
import { sanitizeText } from "../internal/sanitize_text.ts";

const STYLES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, blue: 34, cyan: 36 } as const;

/** How a piece of text can look on a terminal. */
export type Style = keyof typeof STYLES;

/** How output is wanted. */
export interface OutputOptions {
  /** JSON on stdout. */
  readonly json: boolean;
  /** Colours, where stdout is a terminal. */
  readonly color: boolean;
}

/** Prints for people or for programs. */
export class Output {
  /** Whether JSON is wanted. */
  readonly json: boolean;
  /** Whether stdout is a terminal that people watch. */
  readonly isTerminal: boolean;
  readonly #color: boolean;

  /** @param options How output is wanted. */
  constructor({ json, color }: OutputOptions) {
    this.json = json;
    this.isTerminal = !json && Deno.stdout.isTerminal();
    this.#color = color && this.isTerminal && !Deno.noColor;
  }

  /** Columns of the terminal; without one there is no bound. */
  get width(): number {
    if (!this.isTerminal) return Infinity;
    try {
      return Deno.consoleSize().columns;
    } catch {
      // Not every terminal tells its size.
      return 80;
    }
  }

  /** Lines of the terminal; without one there is no bound. */
  get height(): number {
    if (!this.isTerminal) return Infinity;
    try {
      return Deno.consoleSize().rows;
    } catch {
      // Not every terminal tells its size.
      return 24;
    }
  }

  /** Prints a line for people; nothing with `--json`. */
  line(text = ""): void {
    if (!this.json) write(Deno.stdout, `${text}\n`);
  }

  /** Prints control sequences and text as they are; only on a terminal. */
  raw(text: string): void {
    if (this.isTerminal) write(Deno.stdout, text);
  }

  /** Prints a value as JSON: over several lines for people, as one line with `--json`. */
  value(value: unknown): void {
    write(Deno.stdout, `${JSON.stringify(value, showCarried, this.json ? 0 : 2) ?? "null"}\n`);
  }

  /** Prints the one document of a command; nothing without `--json`. */
  document(value: unknown): void {
    if (this.json) this.value(value);
  }

  /** Says something about the work on stderr. */
  notice(text: string): void {
    write(Deno.stderr, `${text}\n`);
  }

  /** Reports a failure: as JSON on stdout, or as a sentence and a hint on stderr. */
  failure(error: unknown): void {
    if (this.json) {
      const known = error instanceof CordonError
        ? error.toJSON()
        : { code: "internal", message: errorMessage(error) };
      return write(Deno.stdout, `${JSON.stringify({ error: known }, showCarried)}\n`);
    }
    const label = Deno.stderr.isTerminal() && !Deno.noColor ? "\x1b[31merror\x1b[0m" : "error";
    this.notice(`${label}: ${sanitizeText(errorMessage(error))}`);
    if (error instanceof CordonError) {
      if (error.hint !== undefined) this.notice(`  hint: ${sanitizeText(error.hint)}`);
    } else if (error instanceof Error && error.stack !== undefined) {
      this.notice(error.stack.split("\n").slice(1).join("\n"));
      this.notice("This is a bug in Cordon: please report it.");
    }
  }

  /** Styles text, where colours are wanted. */
  style(style: Style, text: string): string {
    return this.#color ? `\x1b[${STYLES[style]}m${text}\x1b[0m` : text;
  }
}

function write(stream: { writeSync(bytes: Uint8Array): number }, text: string): void {
  const bytes = new TextEncoder().encode(text);
  try {
    for (let at = 0; at < bytes.length;) at += stream.writeSync(bytes.subarray(at));
  } catch (error) {
    // Whoever read our output has gone, as in `cordon logs | head`.
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}

/** Bytes and streams, which JSON does not have. */
function showCarried(_key: string, value: unknown): unknown {
  if (value instanceof Uint8Array) return { base64: value.toBase64() };
  return value instanceof ReadableStream ? { stream: true } : value;
}
