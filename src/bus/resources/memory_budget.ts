/**
 * Bytes that many may take of one store.
 *
 * @module
 */

/** Counts bytes up to a bound. */
export class MemoryBudget {
  #left: number;

  /** @param bytes The bound. */
  constructor(bytes: number) {
    this.#left = bytes;
  }

  /** Bytes that can be taken. */
  get left(): number {
    return this.#left;
  }

  /** Takes bytes; false, and none, where so many are not left. */
  take(bytes: number): boolean {
    if (bytes > this.#left) return false;
    this.#left -= bytes;
    return true;
  }

  /** Gives bytes back. */
  give(bytes: number): void {
    this.#left += bytes;
  }
}
