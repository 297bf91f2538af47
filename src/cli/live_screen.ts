/**
 * A whole terminal that is drawn again in place, and given back as it was.
 *
 * @module
 */

import type { Output } from "./output.ts";

/** Another screen, without a cursor. */
const ENTER = "\x1b[?1049h\x1b[?25l";
const LEAVE = "\x1b[?25h\x1b[?1049l";

/** Draws on a screen of its own until it is disposed of. */
export class LiveScreen implements Disposable {
  readonly #output: Pick<Output, "raw" | "height">;

  /** @param output Where it draws. */
  constructor(output: Pick<Output, "raw" | "height">) {
    this.#output = output;
    output.raw(ENTER);
  }

  /** Draws these lines, as many as there is room for. */
  show(lines: readonly string[]): void {
    const { height } = this.#output;
    const isRoom = lines.length <= height;
    const more = `… ${lines.length - height + 1} more lines`;
    this.#output.raw(renderScreen(isRoom ? lines : [...lines.slice(0, height - 1), more]));
  }

  /** Gives the terminal back. */
  [Symbol.dispose](): void {
    this.#output.raw(LEAVE);
  }
}

/** The control sequences and text of a screen: all at once, where the terminal can, and nothing is cleared before. */
export function renderScreen(lines: readonly string[]): string {
  return `\x1b[?2026h\x1b[H${lines.map((line) => `${line}\x1b[K`).join("\r\n")}\x1b[J\x1b[?2026l`;
}
