/**
 * How the health of a plugin stands, for those who look from outside.
 *
 * @module
 */

import type { HealthStatus } from "../../sdk/health.ts";
import type { PluginEntry } from "../plugin_table.ts";
import type { HealthChange, HealthCheck } from "./health_record.ts";

/** How the health of a plugin stands. */
export interface HealthState {
  /** How it is; undefined while it does not run. */
  readonly status: HealthStatus | undefined;
  /** Why, where it is not well: half sentences about it. */
  readonly reasons: readonly string[];
  /** When it last changed, or began to run; undefined where it never ran. */
  readonly since: string | undefined;
  /** What it answered last; undefined where it does not say how it is. */
  readonly lastCheck: HealthCheck | undefined;
  /** The last changes, oldest first; 32 at most. */
  readonly history: readonly HealthChange[];
}

/** The health of an entry. */
export function describeHealth({ instance, degradations, health }: PluginEntry): HealthState {
  const { reasons } = degradations;
  const { lastCheck, since, history } = health;
  const ill = reasons.length === 0 ? "ok" : lastCheck?.status === "failing" ? "failing" : "degraded";
  return { status: instance === undefined ? undefined : ill, reasons, since, lastCheck, history };
}
