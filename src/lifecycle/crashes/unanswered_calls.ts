/**
 * Calls that the end of an incarnation left without an answer. They are counted
 * where they fail: a list of those under way would cost each call.
 *
 * @module
 */

import { CordonError } from "../../errors.ts";

/** Methods that are told. */
const MAX_METHODS = 10;

/** Counts them. */
export class UnansweredCalls {
  readonly #methods = new Set<string>();
  #count = 0;

  /** Takes note of a call that failed. */
  note(method: string, error: unknown): void {
    if (!(error instanceof CordonError) || error.code !== "channel_closed") return;
    this.#count++;
    if (this.#methods.size < MAX_METHODS) this.#methods.add(method);
  }

  /** How many there were, and the methods of the first of them. */
  describe(): { readonly count: number; readonly methods: readonly string[] } {
    return { count: this.#count, methods: [...this.#methods] };
  }
}
