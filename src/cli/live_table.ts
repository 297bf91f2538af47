/**
 * Lines on a terminal that are drawn again in place.
 *
 * @module
 */

import type { Output } from "./output.ts";

/** Draws lines, and the next time over them. */
export class LiveTable {
  readonly #output: Pick<Output, "raw">;
  #drawn = 0;

  /** @param output Where it draws. */
  constructor(output: Pick<Output, "raw">) {
    this.#output = output;
  }

  /** Draws these lines in place of those before. */
  show(lines: readonly string[]): void {
    this.#output.raw(renderFrame(lines, this.#drawn));
    this.#drawn = lines.length;
  }
}

/** The control sequences and text that replace `drawn` lines above the cursor. */
export function renderFrame(lines: readonly string[], drawn: number): string {
  const up = drawn === 0 ? "" : `\x1b[${drawn}A`;
  return `${up}${lines.map((line) => `\x1b[2K${line}\n`).join("")}\x1b[J`;
}
