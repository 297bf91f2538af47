/**
 * The words for the health of a plugin.
 *
 * @module
 */

import type { HealthState } from "../lifecycle/health/health_state.ts";

/** Changes that are shown. */
const MAX_CHANGES = 8;

/** How a plugin is and why, what it answered last, and the last changes; nothing for one of which nothing is known. */
export function describeHealth({ status, reasons, since, lastCheck, history }: HealthState): string[] {
  return [
    ...(status === undefined ? [] : [`${status} since ${since}`]),
    ...reasons.map((reason) => `because ${reason}`),
    ...(lastCheck === undefined ? [] : [
      `it answered ${lastCheck.status} at ${lastCheck.time}, after ${Math.round(lastCheck.tookMs)} ms`,
      ...Object.entries(lastCheck.facts ?? {}).map(([name, value]) => `${name}: ${value}`),
    ]),
    ...history.slice(-MAX_CHANGES).map(({ time, source, status, reason }) =>
      `${time} ${status} by ${source}${reason === undefined ? "" : `: ${reason}`}`
    ),
  ];
}
