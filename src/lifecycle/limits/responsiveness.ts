/**
 * Whether the event loop of a plugin that computes still turns: it is sent a
 * number and has to send it back. What it computes meanwhile counts, not the
 * time that passes: a slow machine or a throttled plugin is no endless loop.
 *
 * @module
 */

/** More than this between two looks, or between a look and an answer, is the host's own delay. */
const MAX_STEP_MS = 500;

/** How a plugin is asked. */
export interface ResponsivenessOptions {
  /** Sends a number. */
  readonly ping: (count: number) => void;
  /** The clock, in milliseconds. @default {performance.now} */
  readonly now?: () => number;
}

/** Asks one plugin for a sign of life while it is busy. */
export class Responsiveness {
  readonly #ping: (count: number) => void;
  readonly #now: () => number;
  #count = 0;
  #unansweredCpuMs: number | undefined;
  #lookedAt = 0;
  /** Time without an answer, as far as it is the plugin's. */
  #waitedMs = 0;
  #worstMs = 0;

  /** @param options How it is asked. */
  constructor({ ping, now = () => performance.now() }: ResponsivenessOptions) {
    this.#ping = ping;
    this.#now = now;
  }

  /**
   * Looks again.
   *
   * @param isBusy Whether the plugin has been computing for a while.
   * @param cpuMs Processor time of one thread since the last look.
   * @returns How long it has computed without an answer.
   */
  look(isBusy: boolean, cpuMs: number): number {
    if (this.#unansweredCpuMs !== undefined) {
      this.#unansweredCpuMs += cpuMs;
      this.#wait();
    } else if (isBusy) {
      this.#unansweredCpuMs = 0;
      this.#waitedMs = 0;
      this.#lookedAt = this.#now();
      this.#ping(++this.#count);
    }
    return this.#unansweredCpuMs ?? 0;
  }

  /** Takes an answer. */
  answer(count: unknown): void {
    if (count !== this.#count || this.#unansweredCpuMs === undefined) return;
    this.#wait();
    this.#unansweredCpuMs = undefined;
  }

  /** The longest time that an answer took, or has taken, since this was asked last. */
  takeLagMs(): number {
    const lagMs = this.#worstMs;
    this.#worstMs = 0;
    return lagMs;
  }

  #wait(): void {
    const now = this.#now();
    this.#waitedMs += Math.min(now - this.#lookedAt, MAX_STEP_MS);
    this.#lookedAt = now;
    this.#worstMs = Math.max(this.#worstMs, this.#waitedMs);
  }
}
