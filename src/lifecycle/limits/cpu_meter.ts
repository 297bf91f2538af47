/**
 * How much of the processor a plugin uses, over a second and over a window;
 * and when one that the kernel does not slow down has to pause.
 *
 * @module
 */

/** Sustained means: over so long. */
export const CPU_WINDOW_MS = 10_000;
const RECENT_MS = 1_000;
/** So close to its share a plugin counts as being at it. */
const AT_SHARE = 0.95;
const REARM_SHARE = 0.7;
/** So much of what it may have, for a second, counts as busy: an endless loop may get little of a busy machine. */
const BUSY = 0.1;

interface Sample {
  readonly cpuMs: number;
  readonly tookMs: number;
}

/** Counts the processor time of one plugin. */
export class CpuMeter {
  readonly #share: number | undefined;
  readonly #samples: Sample[] = [];
  /** Processor time that may be used at once, beyond what comes in; filled up while little is used. */
  #creditMs: number;
  #isTold = false;

  /** @param share What the plugin may use of one core; undefined for no limit. */
  constructor(share: number | undefined) {
    this.#share = share;
    this.#creditMs = (share ?? 0) * CPU_WINDOW_MS;
  }

  /** Takes what was used since the last time. */
  take(cpuMs: number, tookMs: number): void {
    this.#samples.push({ cpuMs, tookMs });
    while (this.#covered(1) >= CPU_WINDOW_MS) this.#samples.shift();
    const share = this.#share ?? 0;
    this.#creditMs = Math.min(share * CPU_WINDOW_MS, this.#creditMs + share * tookMs - cpuMs);
  }

  /** Share of one core over the window; undefined before there was a whole one. */
  get sustained(): number | undefined {
    return this.#covered() < CPU_WINDOW_MS ? undefined : shareOf(this.#samples);
  }

  /** Share of one core over the last second; undefined before there was one. */
  get recent(): number | undefined {
    let coveredMs = 0;
    const recent: Sample[] = [];
    for (const sample of this.#samples.toReversed()) {
      if (coveredMs >= RECENT_MS) break;
      recent.push(sample);
      coveredMs += sample.tookMs;
    }
    return coveredMs < RECENT_MS ? undefined : shareOf(recent);
  }

  /** Whether it computed a good deal of the last second. */
  get isBusy(): boolean {
    return (this.recent ?? 0) >= BUSY * Math.min(1, this.#share ?? 1);
  }

  /** Whether it has been at its share for the whole window. */
  get isAtShare(): boolean {
    const { sustained } = this;
    return this.#share !== undefined && sustained !== undefined && sustained >= AT_SHARE * this.#share;
  }

  /** Whether the plugin is to be told that it is at its share: once, until it uses less. */
  takeNews(): boolean {
    const { sustained } = this;
    if (sustained !== undefined && sustained < REARM_SHARE * this.#share!) this.#isTold = false;
    if (!this.isAtShare || this.#isTold) return false;
    this.#isTold = true;
    return true;
  }

  /** Whether it has used up what it may have and has to pause. */
  get mustPause(): boolean {
    return this.#share !== undefined && this.#creditMs < 0;
  }

  #covered(from = 0): number {
    let coveredMs = 0;
    for (let at = from; at < this.#samples.length; at++) coveredMs += this.#samples[at]!.tookMs;
    return coveredMs;
  }
}

function shareOf(samples: readonly Sample[]): number {
  const sum = samples.reduce((sum, { cpuMs, tookMs }) => ({
    cpuMs: sum.cpuMs + cpuMs,
    tookMs: sum.tookMs + tookMs,
  }), { cpuMs: 0, tookMs: 0 });
  return sum.tookMs === 0 ? 0 : sum.cpuMs / sum.tookMs;
}
