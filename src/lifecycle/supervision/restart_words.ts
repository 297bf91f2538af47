/**
 * What is said about restarts: the details of states, and the facts that go to
 * the journal. Pure.
 *
 * @module
 */

import type { Rate } from "../../internal/units.ts";
import type { MoveDetail } from "../plugin_table.ts";
import type { RestartDecision } from "./restart_policy.ts";

/** The facts of `plugin.backoff`. */
export interface BackoffFacts extends Record<string, unknown> {
  /** Which restart in a row it will be. */
  readonly attempt: number;
  /** Milliseconds until then. */
  readonly delayMs: number;
  /** Why it is needed. */
  readonly reason: string;
}

/** The facts of `plugin.gave_up`. */
export interface GaveUpFacts extends Record<string, unknown> {
  /** Restarts that there were. */
  readonly restarts: number;
  /** Within how many milliseconds. */
  readonly periodMs: number;
  /** Why another one was needed. */
  readonly reason: string;
}

/** The detail of a plugin that waits for its restart. */
export function describeBackoff(
  id: string,
  ended: MoveDetail,
  { attempt, delayMs }: RestartDecision & { readonly type: "restart" },
): MoveDetail {
  const which = attempt === 1 ? "" : ` (for the ${ordinal(attempt)} time in a row)`;
  return {
    message: `${ended.message}; it is started again after ${formatMs(delayMs)}${which}`,
    hint: `Start it now: cordon start ${id}`,
    restart: { attempt, at: new Date(Date.now() + delayMs).toISOString() },
  };
}

/** The detail of a plugin that is not started again any more. */
export function describeGivenUp(id: string, ended: MoveDetail, limit: Rate): MoveDetail {
  return {
    message: `${ended.message}; it is not started again: it was ${describeLimit(limit)}`,
    hint: `See what it printed with cordon logs ${id}, then reset and start it: cordon start ${id}`,
  };
}

function describeLimit({ count, periodMs }: Rate): string {
  const times = count === 1 ? "once" : `${count} times`;
  return `restarted ${times} within ${formatMs(periodMs)}, which is as often as it may (health.max_restarts)`;
}

function ordinal(count: number): string {
  const last = count % 100 > 10 && count % 100 < 20 ? 0 : count % 10;
  return `${count}${["th", "st", "nd", "rd"][last] ?? "th"}`;
}

function formatMs(ms: number): string {
  if (ms < 1_000) return `${ms} ms`;
  return ms < 120_000 ? `${Number((ms / 1_000).toFixed(1))} s` : `${Number((ms / 60_000).toFixed(1))} min`;
}
