/** Ends work that takes too long; parsers ask it at every step. */
export class Budget {
  readonly #limitMs: number;
  readonly #now: () => number;
  readonly #end: number;
  #steps = 0;

  constructor(limitMs: number, now: () => number = () => performance.now()) {
    this.#limitMs = limitMs;
    this.#now = now;
    this.#end = now() + limitMs;
  }

  /** @throws {RangeError} when the time is over. */
  check(): void {
    // The clock costs more than the step it measures, so it is read at every 16th.
    if ((++this.#steps & 15) === 0 && this.#now() > this.#end) {
      throw new RangeError(
        `It takes longer than ${this.#limitMs / 1000} seconds to parse; simplify or split it`,
      );
    }
  }
}
