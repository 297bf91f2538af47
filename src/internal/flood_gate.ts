/**
 * Back pressure against a flood: what comes far faster than its rate is not
 * read for the rest of the second.
 *
 * @module
 */

import type { Rate } from "./units.ts";

/** Times the rate that count as a flood. */
const FLOOD_FACTOR = 10;
/** The least that counts as a flood, in records a second: many lines at a start are none. */
const MIN_FLOOD = 500;
const WINDOW_MS = 1_000;

/** A second with a flood. */
export interface FloodedSecond {
  /** Seconds with a flood in a row, this one included. */
  readonly inARow: number;
  /** Records read in it; more were held back. */
  readonly records: number;
}

/** What a test holds still. */
export interface FloodGateOptions {
  /** Told of each second with a flood, when it is seen. */
  readonly onFlood?: (second: FloodedSecond) => void;
  /** The clock, in milliseconds. */
  readonly now?: () => number;
}

/** Counts records, and says when reading has to wait. */
export class FloodGate implements Disposable {
  readonly #bound: number;
  readonly #onFlood: (second: FloodedSecond) => void;
  readonly #now: () => number;
  #startedAt = -Infinity;
  #records = 0;
  #inARow = 0;
  #isOpenForGood = false;
  #held:
    | {
      readonly promise: Promise<void>;
      readonly resolve: () => void;
      readonly timer: ReturnType<typeof setTimeout>;
    }
    | undefined;

  /**
   * @param rate What is allowed.
   * @param options What a test holds still.
   */
  constructor(rate: Rate, { onFlood = () => {}, now = () => performance.now() }: FloodGateOptions = {}) {
    this.#bound = Math.max(MIN_FLOOD, FLOOD_FACTOR * rate.count * WINDOW_MS / rate.periodMs);
    this.#onFlood = onFlood;
    this.#now = now;
  }

  /** Settles when reading may go on; undefined when that is now. */
  get held(): Promise<void> | undefined {
    return this.#held?.promise;
  }

  /** Whether there is a flood now, or was one a moment ago. */
  get isFlooded(): boolean {
    return this.#inARow > 0 && this.#now() - this.#startedAt < 2 * WINDOW_MS;
  }

  /** Counts one record. */
  count(): void {
    if (this.#isOpenForGood) return;
    const now = this.#now();
    if (now - this.#startedAt >= WINDOW_MS) this.#begin(now);
    if (++this.#records > this.#bound && this.#held === undefined) this.#hold(now);
  }

  /** Lets everything through from now on. */
  [Symbol.dispose](): void {
    this.#isOpenForGood = true;
    this.#release();
  }

  #begin(now: number): void {
    // A second without a flood, or one in which nothing came, ends the row.
    if (this.#records <= this.#bound || now - this.#startedAt >= 2 * WINDOW_MS) this.#inARow = 0;
    this.#startedAt = now;
    this.#records = 0;
  }

  #hold(now: number): void {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(() => this.#release(), this.#startedAt + WINDOW_MS - now);
    this.#held = { promise, resolve, timer };
    this.#inARow++;
    this.#onFlood({ inARow: this.#inARow, records: this.#records });
  }

  #release(): void {
    clearTimeout(this.#held?.timer);
    this.#held?.resolve();
    this.#held = undefined;
  }
}
