/**
 * Journal events as lines.
 *
 * @module
 */

import { sanitizeText } from "../internal/sanitize_text.ts";
import type { JournalEvent } from "../store/journal.ts";

/** Renders an event: time, plugin, what happened, why. */
export function formatEvent({ time, id, type, facts }: JournalEvent): string {
  const what = type === "plugin.state" ? String(facts.to) : describe(type, facts);
  const why = facts.message === undefined ? "" : `: ${facts.message}`;
  return sanitizeText(`${time.slice(0, 10)} ${time.slice(11, 19)}  ${id ?? "host"}  ${what}${why}`);
}

function describe(type: string, { code, signal, rung }: JournalEvent["facts"]): string {
  if (type !== "plugin.exit") return type;
  const how = signal === undefined ? `code ${code}` : `signal ${signal}`;
  return `process ended with ${how}${rung === undefined ? "" : ` (${rung})`}`;
}
