/**
 * Reads what a plugin's `health()` answered. A plugin wrote it: whatever is no
 * report counts as failing, and texts are short and safe to show. Pure.
 *
 * @module
 */

import { sanitizeText } from "../../internal/sanitize_text.ts";
import type { HealthReport, HealthStatus } from "../../sdk/health.ts";

const MAX_REASON = 300;
const MAX_FACTS = 16;
const MAX_NAME = 64;
const MAX_FACT = 200;

const STATUSES: ReadonlySet<unknown> = new Set<HealthStatus>(["ok", "degraded", "failing"]);

/** Reads an answer, nothing being `ok`; its reason is half a sentence about the plugin then. */
export function readHealthReport(answer: unknown): HealthReport {
  if (answer === undefined || answer === null) return { status: "ok" };
  if (isStatus(answer)) return report(answer, "");
  if (typeof answer !== "object") return unreadable(`answered ${describe(answer)}`);
  const { status, reason, facts } = answer as { readonly [Key in keyof HealthReport]?: unknown };
  if (!isStatus(status)) return unreadable(`answered the status ${describe(status)}`);
  if (reason !== undefined && reason !== null && typeof reason !== "string") {
    return unreadable("answered a reason that is no text");
  }
  const figures = readFacts(facts);
  return {
    ...report(status, toLine(reason ?? "", MAX_REASON)),
    ...(figures === undefined ? {} : { facts: figures }),
  };
}

/** The report of a check that came to no answer. */
export function failedReport(why: string): HealthReport {
  return { status: "failing", reason: `its health() ${toLine(why, MAX_REASON)}` };
}

function report(status: HealthStatus, words: string): HealthReport {
  if (status === "ok") return { status };
  return {
    status,
    reason: words === "" ? `it reports that it is ${status}` : `it reports ${status}: ${words}`,
  };
}

function unreadable(why: string): HealthReport {
  return failedReport(`${why}, and not "ok", "degraded", "failing" or { status, reason, facts }`);
}

function isStatus(value: unknown): value is HealthStatus {
  return STATUSES.has(value);
}

/** What is scalar of the facts, bounded. */
function readFacts(facts: unknown): HealthReport["facts"] {
  if (typeof facts !== "object" || facts === null || Array.isArray(facts)) return undefined;
  const kept: [string, string | number | boolean | null][] = [];
  for (const name in facts) {
    if (kept.length >= MAX_FACTS) break;
    if (!Object.hasOwn(facts, name)) continue;
    const value = (facts as Readonly<Record<string, unknown>>)[name];
    if (typeof value === "string") kept.push([toLine(name, MAX_NAME), toLine(value, MAX_FACT)]);
    else if (typeof value === "number" || typeof value === "boolean" || value === null) {
      kept.push([toLine(name, MAX_NAME), value]);
    }
  }
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}

function describe(value: unknown): string {
  if (typeof value === "string") return `"${toLine(value, 40)}"`;
  return value === undefined ? "nothing" : value === null ? "null" : `a value of type ${typeof value}`;
}

/** A text as one line of at most so many characters. */
function toLine(text: string, maxLength: number): string {
  const short = text.length <= maxLength ? text : `${text.slice(0, maxLength)}…`;
  return sanitizeText(short).replace(/\s+/g, " ").trim();
}
