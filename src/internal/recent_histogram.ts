/**
 * A histogram of what was a moment ago: slots of time that take turns, the
 * oldest being forgotten when its turn comes again.
 *
 * @module
 */

import { Histogram } from "./histogram.ts";

const SLOTS = 5;
const SLOT_MS = 2_500;

/** For how long a figure counts, at least; at most one slot longer. */
export const RECENT_MS: number = (SLOTS - 1) * SLOT_MS;

/** Counts figures of the last ten seconds or a little more. */
export class RecentHistogram {
  /** Made when they are needed: most plugins have quiet times. */
  readonly #slots: Histogram[] = [];
  /** Number of the slot of time that is counted now. */
  #current = 0;

  /** Counts a figure. */
  record(figure: number, nowMs: number): void {
    this.#advance(nowMs);
    const slot = this.#current % SLOTS;
    (this.#slots[slot] ??= new Histogram()).record(figure);
  }

  /** All that counts now, as one histogram. */
  read(nowMs: number): Histogram {
    this.#advance(nowMs);
    const all = new Histogram();
    for (const slot of this.#slots) if (slot !== undefined) all.add(slot);
    return all;
  }

  #advance(nowMs: number): void {
    const now = Math.floor(nowMs / SLOT_MS);
    if (now === this.#current) return;
    const first = Math.max(this.#current + 1, now - SLOTS + 1);
    for (let slot = first; slot <= now; slot++) this.#slots[slot % SLOTS]?.clear();
    this.#current = now;
  }
}
