/**
 * A token bucket: bounds how often something may happen.
 *
 * @module
 */

import type { Rate } from "./units.ts";

/** Allows `count` times within `periodMs`, refilled steadily. */
export class RateLimiter {
  readonly #rate: Rate;
  readonly #now: () => number;
  #tokens: number;
  #refilledAt: number;

  /**
   * @param rate How often.
   * @param now The clock, in milliseconds.
   */
  constructor(rate: Rate, now: () => number = () => performance.now()) {
    this.#rate = rate;
    this.#now = now;
    this.#tokens = rate.count;
    this.#refilledAt = now();
  }

  /** Takes a token; false when there is none. */
  take(): boolean {
    const now = this.#now();
    const earned = (now - this.#refilledAt) * this.#rate.count / this.#rate.periodMs;
    this.#tokens = Math.min(this.#rate.count, this.#tokens + earned);
    this.#refilledAt = now;
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }
}
