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
  const because = facts.message ?? facts.reason;
  const why = because === undefined ? "" : `: ${because}`;
  return sanitizeText(`${time.slice(0, 10)} ${time.slice(11, 19)}  ${id ?? "host"}  ${what}${why}`);
}

function describe(type: string, { code, signal, rung, kind, value, stage }: JournalEvent["facts"]): string {
  switch (type) {
    case "plugin.exit": {
      const how = signal === undefined ? `code ${code}` : `signal ${signal}`;
      return `process ended with ${how}${rung === undefined ? "" : ` (${rung})`}`;
    }
    case "plugin.limit":
      return stage === "hard" ? "reached a limit" : "is close to a limit";
    case "permission.denied":
      return `was denied ${value === undefined ? kind : `${kind} "${value}"`}`;
    default:
      return type;
  }
}
