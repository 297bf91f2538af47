/**
 * Words of a plugin's author beside our own: they stay on their line, within
 * their room, and in quotes, so that they cannot pass for a question of ours.
 *
 * @module
 */

import { sanitizeText } from "../internal/sanitize_text.ts";

/** Whatever is not seen, or takes room without being seen. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0]/gu;

/** Most characters shown. */
const MAX_SHOWN = 160;

/** Quotes an author's words within so many columns. */
export function quoteWords(text: string, room: number): string {
  const plain = sanitizeText(text).replaceAll(INVISIBLE, " ").replaceAll(/[“”"\s]+/g, " ").trim();
  const [first = "", ...rest] = splitByWidth(plain, Math.max(10, Math.min(MAX_SHOWN, room - 3)));
  return `“${first}${rest.length === 0 ? "" : "…"}”`;
}

/** A value as a whole, over as many lines as it takes; what is not seen is shown as a replacement. */
export function breakValue(text: string, room: number): string[] {
  return splitByWidth(sanitizeText(text).replaceAll(INVISIBLE, "\ufffd"), Math.max(10, room));
}

function splitByWidth(text: string, room: number): string[] {
  const lines: string[] = [];
  let line = "";
  let used = 0;
  for (const character of text) {
    // Many scripts and signs take two columns; to take all of them for wide keeps within the room.
    const width = /^[\x20-\x7e]$/.test(character) ? 1 : 2;
    if (used + width > room) {
      lines.push(line);
      line = "";
      used = 0;
    }
    line += character;
    used += width;
  }
  return line === "" ? lines : [...lines, line];
}
