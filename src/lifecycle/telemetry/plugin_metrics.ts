/**
 * What each plugin does and uses, as plain data.
 *
 * @module
 */

import type { CallMetrics } from "./call_metrics.ts";
import type { PluginUsage } from "./plugin_usage.ts";
import type { PluginState } from "../state.ts";

/** What one plugin does and uses. Counts are since the host opened; "recent" is the last ten seconds. */
export interface PluginMetrics {
  /** Plugin id. */
  readonly id: string;
  /** Where it stands. */
  readonly state: PluginState;
  /** Calls into it. */
  readonly calls: {
    /** Calls that ended. */
    readonly total: number;
    /** Those of them that failed. */
    readonly failed: number;
    /** Calls that are under way. */
    readonly inFlight: number;
    /** Milliseconds that half of the recent calls did not exceed, within 3.2 %; undefined without recent calls. */
    readonly p50Ms: number | undefined;
    /** Milliseconds that 99 of 100 recent calls did not exceed, within 3.2 %. */
    readonly p99Ms: number | undefined;
  };
  /** Events. */
  readonly events: {
    /** Events it published. */
    readonly published: number;
    /** Events it was handed. */
    readonly delivered: number;
    /** Events for it that were dropped, because it was too slow. */
    readonly dropped: number;
  };
  /** How often it was started again. */
  readonly restarts: number;
  /** Memory that is its own; undefined where it does not run, shares our process or nothing tells. */
  readonly memoryBytes: number | undefined;
  /** Share of one core over the last second, 1 being all of it; undefined as above. */
  readonly cpuShare: number | undefined;
  /** Seconds of processor time of its running process; undefined as above. */
  readonly cpuSec: number | undefined;
}

/** What is known of a plugin. */
export interface MeasuredPlugin {
  readonly id: string;
  readonly state: PluginState;
  /** What was counted; undefined for one that was never used. */
  readonly counts: CallMetrics | undefined;
  /** What it uses. */
  readonly usage: PluginUsage | undefined;
}

/** Renders what is known of a plugin. */
export function describeMetrics({ id, state, counts, usage }: MeasuredPlugin, nowMs: number): PluginMetrics {
  const tookMs = counts?.tookMs.read(nowMs);
  return {
    id,
    state,
    calls: {
      total: counts?.calls ?? 0,
      failed: counts?.failed ?? 0,
      inFlight: counts?.inFlight ?? 0,
      p50Ms: tookMs?.quantile(0.5),
      p99Ms: tookMs?.quantile(0.99),
    },
    events: {
      published: counts?.published ?? 0,
      delivered: counts?.delivered ?? 0,
      dropped: counts?.dropped ?? 0,
    },
    restarts: Math.max(0, (counts?.starts ?? 0) - 1),
    memoryBytes: usage?.memoryBytes,
    cpuShare: usage?.cpuShare,
    cpuSec: usage === undefined ? undefined : usage.cpuMs / 1_000,
  };
}
