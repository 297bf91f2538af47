/**
 * Journal events as lines.
 *
 * @module
 */

import { sanitizeText } from "../internal/sanitize_text.ts";
import type { JournalEvent } from "../store/journal.ts";

/** Renders an event: time, plugin, what happened, why. */
export function formatEvent({ time, id, type, facts }: JournalEvent): string {
  const { what, more } = describe(type, facts);
  const why = [...more, facts.message ?? facts.reason].filter((part) => part !== undefined).join("; ");
  const line = `${formatTime(time)}  ${id ?? "host"}  ${what}`;
  return sanitizeText(why === "" ? line : `${line}: ${why}`);
}

/** An ISO 8601 date and time, to the second. */
export function formatTime(time: string): string {
  return `${time.slice(0, 10)} ${time.slice(11, 19)}`;
}

/** What happened, and what there is to say of it beside its message. */
function describe(type: string, facts: JournalEvent["facts"]): { what: string; more: string[] } {
  const { code, signal, rung, kind, value, stage, to, message, reason, ...others } = facts;
  switch (type) {
    case "plugin.state":
      return { what: String(to), more: [] };
    case "plugin.exit": {
      const how = signal === undefined ? `code ${code}` : `signal ${signal}`;
      return { what: `process ended with ${how}${rung === undefined ? "" : ` (${rung})`}`, more: [] };
    }
    case "plugin.limit":
      return { what: stage === "hard" ? "reached a limit" : "is close to a limit", more: [] };
    case "plugin.health":
      return { what: `health ${facts.status} by ${facts.source}`, more: [] };
    case "permission.denied":
      return { what: `was denied ${value === undefined ? kind : `${kind} "${value}"`}`, more: [] };
    default: {
      // What has a message says everything in it; only events name their topic beside it.
      const isTold = (message ?? reason) !== undefined && !type.startsWith("event.");
      return { what: type, more: isTold ? [] : listFacts(others) };
    }
  }
}

function listFacts(facts: JournalEvent["facts"]): string[] {
  const shown = Object.entries(facts).filter(([, fact]) =>
    ["string", "number", "boolean"].includes(typeof fact)
  );
  return shown.length === 0 ? [] : [shown.map(([name, fact]) => `${name} ${fact}`).join(", ")];
}
