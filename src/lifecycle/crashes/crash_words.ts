/**
 * Crash reports in words. Pure.
 *
 * @module
 */

import { formatQuantity } from "../../sandbox/limits/limit.ts";
import type { CrashReport } from "./crash_report.ts";
import { formatPlace } from "./plugin_stack.ts";

/** A crash as one line: what was thrown, and where; else how it ended. */
export function summarizeCrash({ error, message }: Pick<CrashReport, "error" | "message">): string {
  if (error === undefined) return message;
  const first = error.message.split("\n")[0]!;
  return error.at === undefined ? first : `${first} (${formatPlace(error.at)})`;
}

/** One part of a report: a heading, and lines. */
export interface CrashSection {
  readonly heading: string;
  readonly lines: readonly string[];
}

/** Everything that a report says. */
export function describeCrash(report: CrashReport): CrashSection[] {
  const { error, limits, lines } = report;
  return [
    { heading: "What happened", lines: [report.message, ...describeEnd(report)] },
    ...(error === undefined ? [] : [{
      heading: "What it threw",
      lines: [...error.message.split("\n"), ...error.stack.map((frame) => `  ${frame}`)],
    }]),
    {
      heading: "Limits at that moment",
      lines: limits.map(({ limit, used, allowed, unit }) => {
        const figure = used === undefined ? "nothing to tell" : formatQuantity(used, unit);
        return `${limit}: ${figure}, of ${formatQuantity(allowed, unit)}`;
      }),
    },
    {
      heading: "What it said last",
      lines: lines.map(({ time, source, text }) => `${time.slice(11, 23)}  ${source.padEnd(6)}  ${text}`),
    },
  ].filter((section) => section.lines.length > 0);
}

function describeEnd({ version, hash, phase, uptimeMs, exit, calls }: CrashReport): string[] {
  const ran = `version ${version}${hash === undefined ? "" : ` (${hash.slice(0, 12)})`}`;
  const since = `${formatUptime(uptimeMs)} after its start ${phase === "start" ? "began" : "had begun"}`;
  const how = exit === undefined ? [] : [
    `its process ended with ${exit.signal === undefined ? `code ${exit.code}` : `signal ${exit.signal}`}${
      exit.rung === undefined ? ", by itself" : `, at the rung "${exit.rung}" of the kill ladder`
    }`,
  ];
  const left = calls.count === 0 ? [] : [
    `${calls.count} ${calls.count === 1 ? "call" : "calls"} without an answer: ${calls.methods.join(", ")}`,
  ];
  return [`${ran}, ${since}`, ...how, ...left];
}

/** How long something ran. */
export function formatUptime(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}
