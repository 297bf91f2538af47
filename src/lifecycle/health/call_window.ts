/**
 * How many of the calls of the last half minute failed. Pure.
 *
 * @module
 */

const WINDOW_MS = 30_000;
/** Looks closer to each other than that are one. */
const STEP_MS = 1_000;

/** Calls that ended, and those of them that failed. */
export interface CallCounts {
  readonly calls: number;
  readonly failed: number;
}

/** The calls of the last half minute, from counts that only rise. */
export class CallWindow {
  /** Counts at the beginning of each step, oldest first; the first is as old as the window, or older. */
  readonly #samples: (CallCounts & { readonly at: number })[] = [];

  /** Takes the counts as they are now; what came to them in the window. */
  take({ calls, failed }: CallCounts, now: number): CallCounts {
    const samples = this.#samples;
    const last = samples.at(-1);
    if (last === undefined || now - last.at >= STEP_MS) samples.push({ at: now, calls, failed });
    while (samples.length > 1 && now - samples[1]!.at >= WINDOW_MS) samples.shift();
    const first = samples[0]!;
    return { calls: calls - first.calls, failed: failed - first.failed };
  }
}
