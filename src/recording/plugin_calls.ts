/**
 * Calls of the plugin that wait for their answer: it numbers them anew in
 * every run.
 *
 * @module
 */

import type { Message } from "../rpc/message.ts";
import type { Step } from "./steps.ts";

/** Numbers then and now. */
export class PluginCalls {
  readonly #now = new Map<number, number>();
  readonly #recorded = new Map<number, number>();
  readonly #parked = new Map<number, Step>();

  /** A message with the number that its call had when it was recorded. */
  toRecorded(message: Message): Message {
    const id = message.type === "cancel" ? this.#recorded.get(message.id) : undefined;
    return id === undefined ? message : { ...message, id } as Message;
  }

  /**
   * A call that was recorded has come.
   *
   * @returns Its answer, where that had its turn already.
   */
  begin(recorded: number, now: number): Step | undefined {
    this.#now.set(recorded, now);
    this.#recorded.set(now, recorded);
    const parked = this.#parked.get(recorded);
    this.#parked.delete(recorded);
    return parked;
  }

  /** Whether a call that was recorded has come. */
  isOpen(recorded: number): boolean {
    return this.#now.has(recorded);
  }

  /** Keeps an answer until its call comes. */
  park(recorded: number, answer: Step): void {
    this.#parked.set(recorded, answer);
  }

  /** A call is answered: the number that it has now. */
  end(recorded: number): number {
    const now = this.#now.get(recorded)!;
    this.#now.delete(recorded);
    this.#recorded.delete(now);
    return now;
  }
}
