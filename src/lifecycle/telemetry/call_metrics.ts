/**
 * What passes into and out of one plugin, counted. Always on: it has to cost
 * next to nothing.
 *
 * @module
 */

import { RecentHistogram } from "../../internal/recent_histogram.ts";

/** Counts of one plugin since the host opened; whoever counts adds to them. */
export class CallMetrics {
  /** Calls into it that ended. */
  calls = 0;
  /** Those of them that failed. */
  failed = 0;
  /** Calls into it that are under way. */
  inFlight = 0;
  /** Events it published. */
  published = 0;
  /** Events it took. */
  delivered = 0;
  /** Events for it that were dropped, because it was too slow. */
  dropped = 0;
  /** How often it was started. */
  starts = 0;
  /** Milliseconds that calls took. */
  readonly tookMs: RecentHistogram = new RecentHistogram();
}
