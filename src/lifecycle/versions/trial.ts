/**
 * The time in which a new version has to prove itself. Pure: it is told what
 * happens, and when.
 *
 * @module
 */

/** What is to be done about a version. */
export type TrialVerdict =
  | { readonly type: "on_trial" }
  | { readonly type: "passed" }
  | { readonly type: "roll_back"; readonly reason: string };

/** What a trial demands. */
export interface TrialTerms {
  /** How long it lasts. */
  readonly trialMs: number;
  /** Crashes that the version may have in that time. */
  readonly trialCrashes: number;
}

/** The trial of one version; its verdict is final once there is one. */
export class Trial {
  readonly #terms: TrialTerms;
  #endsAt: number;
  #downSince: number | undefined;
  #crashes = 0;
  #verdict: TrialVerdict = { type: "on_trial" };

  /**
   * @param terms What it demands.
   * @param now Milliseconds of a clock that only goes forward.
   */
  constructor(terms: TrialTerms, now: number) {
    this.#terms = terms;
    this.#endsAt = now + terms.trialMs;
    this.look(now);
  }

  /** Whether it has passed by now; a version that is down does not pass. */
  look(now: number): TrialVerdict {
    const isOver = this.#downSince === undefined && now >= this.#endsAt;
    if (this.#verdict.type === "on_trial" && isOver) this.#verdict = { type: "passed" };
    return this.#verdict;
  }

  /** Milliseconds until it can pass. */
  remainingMs(now: number): number {
    return Math.max(0, this.#endsAt - now);
  }

  /** The version runs again after a crash; the time in which it was down does not count. */
  resume(now: number): void {
    if (this.#downSince !== undefined) this.#endsAt += now - this.#downSince;
    this.#downSince = undefined;
  }

  /** The version has ended by itself, or was ended at a limit. */
  crash(now: number, reason: string): TrialVerdict {
    if (this.look(now).type !== "on_trial") return this.#verdict;
    this.#downSince ??= now;
    this.#crashes++;
    return this.#crashes > this.#terms.trialCrashes ? this.#fail(reason) : this.#verdict;
  }

  /** Its health checks have failed as often as its manifest allows. */
  fail(now: number, reason: string): TrialVerdict {
    return this.look(now).type === "on_trial" ? this.#fail(reason) : this.#verdict;
  }

  #fail(reason: string): TrialVerdict {
    return this.#verdict = { type: "roll_back", reason };
  }
}
