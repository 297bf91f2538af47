/**
 * The processes that a plugin started, where no control group holds them
 * together: remembered while they can be found below it, ended after it.
 *
 * @module
 */

import { killLeftover, processStartTime } from "../../internal/process_identity.ts";
import { listDescendants } from "../../sandbox/limits/process_usage.ts";

/** Remembers the descendants of one process. */
export class ProcessFamily {
  readonly #root: number;
  /** Start times, by process: the root and what was found below it. */
  readonly #started = new Map<number, number>();

  /** @param pid The process. */
  constructor(pid: number) {
    this.#root = pid;
    this.#remember(pid);
  }

  /** Descendants that were found. */
  get members(): readonly number[] {
    return [...this.#started.keys()].filter((pid) => pid !== this.#root);
  }

  /** Looks for descendants; those that are gone are forgotten. */
  look(): void {
    for (const [pid, started] of this.#started) {
      // Its number may be another's by now.
      if (processStartTime(pid) !== started) this.#started.delete(pid);
      else for (const descendant of listDescendants(pid)) this.#remember(descendant);
    }
  }

  /** Ends those that are left. */
  async kill(): Promise<void> {
    this.look();
    await Promise.all([...this.#started].map(([pid, started]) => killLeftover(pid, started)));
    this.#started.clear();
  }

  #remember(pid: number): void {
    const started = processStartTime(pid);
    if (started !== undefined) this.#started.set(pid, started);
  }
}
