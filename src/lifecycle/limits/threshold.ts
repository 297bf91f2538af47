/**
 * When a figure comes close to its limit, and when it reaches it.
 *
 * @module
 */

/** From this share of a limit on a plugin is told. */
const SOFT_SHARE = 0.8;
/** Below this share it may be told again. */
const REARM_SHARE = 0.7;

/** What a new figure means. */
export type Crossing = "soft" | "hard";

/** Watches one figure against its limit. */
export class Threshold {
  readonly allowed: number;
  #isTold = false;

  /** @param allowed The limit. */
  constructor(allowed: number) {
    this.allowed = allowed;
  }

  /** Whether the figure is close to its limit. */
  get isClose(): boolean {
    return this.#isTold;
  }

  /** Takes a new figure; undefined when there is nothing to do. */
  take(used: number): Crossing | undefined {
    if (used >= this.allowed) return "hard";
    if (used < this.allowed * REARM_SHARE) this.#isTold = false;
    if (used < this.allowed * SOFT_SHARE || this.#isTold) return undefined;
    this.#isTold = true;
    return "soft";
  }
}
