/**
 * Whether the event loop of a plugin that computes still turns: it is sent a
 * number and has to send it back. What it computes meanwhile counts, not the
 * time that passes: a slow machine or a throttled plugin is no endless loop.
 *
 * @module
 */

/** Asks one plugin for a sign of life while it is busy. */
export class Responsiveness {
  readonly #ping: (count: number) => void;
  #count = 0;
  #unansweredCpuMs: number | undefined;

  /** @param ping Sends a number. */
  constructor(ping: (count: number) => void) {
    this.#ping = ping;
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
    } else if (isBusy) {
      this.#unansweredCpuMs = 0;
      this.#ping(++this.#count);
    }
    return this.#unansweredCpuMs ?? 0;
  }

  /** Takes an answer. */
  answer(count: unknown): void {
    if (count === this.#count) this.#unansweredCpuMs = undefined;
  }
}
