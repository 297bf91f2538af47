/**
 * Why a running plugin is degraded: one reason a source, as long as that
 * source sees it. Pure.
 *
 * @module
 */

/** The reasons of one running plugin. */
export class Degradations {
  readonly #reasons = new Map<string, string>();

  /**
   * Notes a reason; another of the same source gives way.
   *
   * @param source Who sees it, such as `health` or `dependency:acme.geo`.
   * @returns Whether anything is different now.
   */
  set(source: string, reason: string): boolean {
    if (this.#reasons.get(source) === reason) return false;
    this.#reasons.set(source, reason);
    return true;
  }

  /**
   * Takes the reason of a source back.
   *
   * @returns Whether there was one.
   */
  clear(source: string): boolean {
    return this.#reasons.delete(source);
  }

  /** Whether a source sees any. */
  has(source: string): boolean {
    return this.#reasons.has(source);
  }

  /** All reasons, the oldest first. */
  get reasons(): string[] {
    return [...this.#reasons.values()];
  }

  /** All reasons in one sentence, the oldest first; undefined where there is none. */
  get reason(): string | undefined {
    return this.#reasons.size === 0 ? undefined : this.reasons.join("; ");
  }
}
