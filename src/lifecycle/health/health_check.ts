/**
 * Asks a plugin how it is. It may throw, answer anything, or not answer at
 * all: that is failing.
 *
 * @module
 */

import { CordonError } from "../../errors.ts";
import type { Sandbox } from "../../sandbox/sandbox.ts";
import { failedReport, readHealthReport } from "./health_report.ts";
import type { HealthCheck } from "./health_record.ts";

/** How a plugin is asked. */
export interface HealthCheckOptions {
  /** Longest time to wait for the answer. */
  readonly timeoutMs: number;
  /** Ends the waiting. */
  readonly signal?: AbortSignal;
}

/**
 * Asks the plugin at the other end.
 *
 * @throws {CordonError} `channel_closed` where it is gone.
 */
export async function checkHealth(
  peer: Pick<Sandbox["peer"], "call">,
  { timeoutMs, signal }: HealthCheckOptions,
): Promise<HealthCheck> {
  const askedAt = performance.now();
  const took = () => ({ time: new Date().toISOString(), tookMs: performance.now() - askedAt });
  try {
    return { ...readHealthReport(await peer.call("health", [], { timeoutMs, signal })), ...took() };
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof CordonError) || error.code === "channel_closed") throw error;
    const why = error.code === "deadline_exceeded"
      ? `did not answer within ${timeoutMs / 1_000} s`
      : `failed: ${error.message}`;
    return { ...failedReport(why), ...took() };
  }
}
