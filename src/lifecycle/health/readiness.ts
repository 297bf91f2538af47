/**
 * Waits until a plugin that was activated is not failing: only then it runs,
 * and what needs it may start.
 *
 * @module
 */

import { CordonError } from "../../errors.ts";
import { pause } from "../../internal/pause.ts";
import type { HealthCheckOptions } from "./health_check.ts";
import type { HealthCheck } from "./health_record.ts";

/** Time between two checks. */
const PAUSE_MS = 100;

/**
 * Asks again and again.
 *
 * @param ask Asks it once.
 * @param options How long it may take to answer once; the signal ends the start.
 * @throws {CordonError} `not_ready`, with what it answered last, when the signal comes first.
 */
export async function awaitReady(
  ask: (options: HealthCheckOptions) => Promise<HealthCheck>,
  { timeoutMs, signal }: Required<HealthCheckOptions>,
): Promise<HealthCheck> {
  let last: HealthCheck | undefined;
  while (!signal.aborted) {
    try {
      last = await ask({ timeoutMs, signal });
    } catch (error) {
      if (signal.aborted) break;
      throw error;
    }
    if (last.status !== "failing") return last;
    await pause(PAUSE_MS, signal);
  }
  throw new CordonError("not_ready", last?.reason ?? "its health() did not answer", { cause: signal.reason });
}
