/**
 * The restarts of the last while, in a ring: it never holds more of them than
 * are allowed. Pure.
 *
 * @module
 */

import type { Rate } from "../../internal/units.ts";

/** Counts restarts within a window that slides. */
export class RestartWindow {
  readonly #rate: Rate;
  /** When the last of them were; grows to `rate.count` and is overwritten from there on. */
  readonly #times: number[] = [];
  #next = 0;

  /** @param rate How many within which time. */
  constructor(rate: Rate) {
    this.#rate = rate;
  }

  /** Whether one more at `now` would be more than that. */
  isFull(now: number): boolean {
    const { count, periodMs } = this.#rate;
    // Where the ring is full, the place that is overwritten next holds the oldest.
    return this.#times.length === count && now - this.#times[this.#next]! < periodMs;
  }

  /** Counts one. */
  add(now: number): void {
    this.#times[this.#next] = now;
    this.#next = (this.#next + 1) % this.#rate.count;
  }

  /** Forgets them. */
  clear(): void {
    this.#times.length = 0;
    this.#next = 0;
  }
}
