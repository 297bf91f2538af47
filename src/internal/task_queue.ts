/**
 * One thing after the other.
 *
 * @module
 */

/** Runs tasks in the order in which they came, each when the one before has ended. */
export class TaskQueue {
  #last: Promise<unknown> = Promise.resolve();

  /** Runs a task in its turn; one that fails holds up nobody. */
  run<Result>(task: () => Promise<Result>): Promise<Result> {
    const turn = this.#last.then(task);
    // Whoever asked hears of the failure; the next one only waits.
    this.#last = turn.catch(() => {});
    return turn;
  }
}
