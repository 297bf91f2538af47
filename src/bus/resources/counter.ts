/**
 * A whole number that plugins count with.
 *
 * @module
 */

import { CordonError } from "../../errors.ts";

/** What became of {@linkcode SharedCounter.compareAndSet}. */
export interface Swap {
  /** Whether the counter had the value expected, and has the new one now. */
  readonly swapped: boolean;
  /** What it has now. */
  readonly value: number;
}

/** A counter; each of its operations is one step. */
export class SharedCounter {
  /** Its name. */
  readonly name: string;
  #value = 0;

  /** @param name Its name. */
  constructor(name: string) {
    this.name = name;
  }

  /** What it has. */
  get value(): number {
    return this.#value;
  }

  /**
   * Adds to it.
   *
   * @throws {CordonError} `invalid_input` where that is no exact number any more.
   */
  add(by: number): number {
    const value = this.#value + by;
    if (!Number.isSafeInteger(value)) {
      throw new CordonError("invalid_input", `Cannot add ${by} to "${this.name}": it has ${this.#value}`);
    }
    return this.#value = value;
  }

  /** Sets it, if it has a certain value. */
  compareAndSet(expected: number, value: number): Swap {
    const swapped = this.#value === expected;
    if (swapped) this.#value = value;
    return { swapped, value: this.#value };
  }
}
