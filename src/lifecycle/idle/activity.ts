/**
 * What goes on between the host and one incarnation of a plugin.
 *
 * @module
 */

import type { Handler } from "../../rpc/incoming_calls.ts";

/** Counts what goes on. */
export class Activity {
  readonly #isHolding: () => boolean;
  #begun = 0;
  #inFlight = 0;

  /** @param isHolding Whether the plugin has something of the host, though it asks for nothing. */
  constructor(isHolding: () => boolean) {
    this.#isHolding = isHolding;
  }

  /** A figure that grows with whatever begins. */
  get begun(): number {
    return this.#begun;
  }

  /** Whether anything is under way. */
  get isBusy(): boolean {
    return this.#inFlight > 0 || this.#isHolding();
  }

  /** Notes that something goes on that is counted elsewhere. */
  note(): void {
    this.#begun++;
  }

  /** Notes that something begins. */
  begin(): void {
    this.#begun++;
    this.#inFlight++;
  }

  /** Notes that something that began has ended. */
  end(): void {
    this.#inFlight--;
  }

  /** Notes what a handler is asked, until it has answered. */
  watch(handler: Handler): Handler {
    return (params, context) => {
      const answer = handler(params, context);
      if (answer instanceof Promise) {
        const end = () => this.end();
        this.begin();
        answer.then(end, end);
      } else this.note();
      return answer;
    };
  }
}
