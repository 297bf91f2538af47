/**
 * Whether calls wait for a plugin that is down: after some failures in a row
 * they fail at once, until one of them is let through to see whether it is
 * back. Pure; the clock is given.
 *
 * @module
 */

/** Failures in a row from which on calls fail at once. */
export const OPEN_AFTER = 3;

/** What becomes of a call: it waits for the plugin, it does so for all others, or it fails. */
export type Verdict = "wait" | "probe" | "refuse";

type BreakerState =
  | { readonly type: "closed" }
  /** `until`: when one call may try, on the clock of the breaker. */
  | { readonly type: "open"; readonly until: number }
  | { readonly type: "half_open"; readonly isProbed: boolean };

/** Stands before the calls to one plugin while that is down. */
export class CircuitBreaker {
  readonly #now: () => number;
  #state: BreakerState = { type: "closed" };

  /** @param now The clock, in milliseconds. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Whether calls wait for the plugin. */
  get isClosed(): boolean {
    return this.#state.type === "closed";
  }

  /**
   * Takes note of an end or a failed start.
   *
   * @param failures How many there were in a row, this one included.
   * @param retryInMs When the plugin may be tried again; `Infinity` for one that was given up.
   */
  fail(failures: number, retryInMs: number): void {
    if (failures < OPEN_AFTER && retryInMs !== Infinity) return;
    this.#state = { type: "open", until: this.#now() + retryInMs };
  }

  /** Takes note that the plugin is being started again. */
  probe(): void {
    if (this.#state.type === "open") this.#state = { type: "half_open", isProbed: false };
  }

  /** Takes note that the plugin runs, or that somebody wants it tried as if nothing had been. */
  close(): void {
    this.#state = { type: "closed" };
  }

  /** Decides about a call to the plugin, which does not run. */
  admit(): Verdict {
    const state = this.#state;
    if (state.type === "open" && this.#now() >= state.until) this.probe();
    switch (this.#state.type) {
      case "closed":
        return "wait";
      case "open":
        return "refuse";
      case "half_open":
        if (this.#state.isProbed) return "refuse";
        this.#state = { type: "half_open", isProbed: true };
        return "probe";
      default:
        return this.#state satisfies never;
    }
  }

  /** Takes note that the call that was let through is over; another one may try where nothing came of it. */
  release(): void {
    if (this.#state.type === "half_open") this.#state = { type: "half_open", isProbed: false };
  }
}
