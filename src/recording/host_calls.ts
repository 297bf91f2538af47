/**
 * Calls of the plugin, made again as the host made them.
 *
 * @module
 */

import type { Message } from "../rpc/message.ts";
import { askedMethod } from "./steps.ts";

/** The calls that a replay makes. */
export class HostCalls {
  readonly #asked = new Map<number, string>();
  readonly #made = new Map<number, { readonly at: number; readonly recordedAt: number }>();

  /** What the plugin was asked, by the id of the call: its methods by their names. */
  get asked(): ReadonlyMap<number, string> {
    return this.#asked;
  }

  /** A call is made that was made so late then. */
  begin(message: Message & { type: "call" }, recordedAt: number): void {
    this.#made.set(message.id, { at: performance.now(), recordedAt });
    this.#asked.set(message.id, askedMethod(message));
  }

  /** Whether a message answers a call that was made. */
  isAnswer(message: Message): boolean {
    return (message.type === "result" || message.type === "error") && this.#made.has(message.id);
  }

  /** Milliseconds until a call is to be called off: as late as then. */
  restMs({ id }: Message & { type: "cancel" }, recordedAt: number): number {
    const made = this.#made.get(id);
    return made === undefined ? 0 : made.at + (recordedAt - made.recordedAt) - performance.now();
  }
}
