/**
 * One thing after the other.
 *
 * @module
 */

/** Runs tasks in the order in which they came, each when the one before has ended. */
export class TaskQueue {
  #last: Promise<unknown> = Promise.resolve();
  #size = 0;

  /** Tasks that have not ended. */
  get size(): number {
    return this.#size;
  }

  /** Runs a task in its turn; one that fails holds up nobody. */
  run<Result>(task: () => Promise<Result>): Promise<Result> {
    this.#size++;
    const turn = this.#last.then(task).finally(() => this.#size--);
    // Whoever asked hears of the failure; the next one only waits.
    this.#last = turn.catch(() => {});
    return turn;
  }
}
