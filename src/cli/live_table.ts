/**
 * Lines on a terminal that are drawn again in place.
 *
 * @module
 */

import type { Output } from "./output.ts";

/** Draws lines, and the next time over them. */
export class LiveTable {
  readonly #output: Pick<Output, "raw" | "width">;
  #lines: readonly string[] = [];

  /** @param output Where it draws. */
  constructor(output: Pick<Output, "raw" | "width">) {
    this.#output = output;
  }

  /** Draws these lines in place of those before. */
  show(lines: readonly string[]): void {
    this.#output.raw(renderFrame(lines, this.#rows));
    this.#lines = lines;
  }

  /** Prints lines above it, where they stay. */
  print(lines: readonly string[]): void {
    this.#output.raw(renderFrame([...lines, ...this.#lines], this.#rows));
  }

  /** Rows that its lines take now: a terminal that became narrower has wrapped them. */
  get #rows(): number {
    const { width } = this.#output;
    return this.#lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(visibleLength(line) / width)), 0);
  }
}

/** The control sequences and text that replace `drawn` lines above the cursor. */
export function renderFrame(lines: readonly string[], drawn: number): string {
  const up = drawn === 0 ? "" : `\x1b[${drawn}A`;
  // Cleared before: a line may be longer than the terminal is wide. All at once, where the terminal can.
  return `\x1b[?2026h${up}\x1b[J${lines.map((line) => `${line}\n`).join("")}\x1b[?2026l`;
}

/** Characters of a line without those that style it. */
function visibleLength(line: string): number {
  // deno-lint-ignore no-control-regex -- styles are control sequences
  return line.replaceAll(/\x1b\[[0-9;]*m/g, "").length;
}
