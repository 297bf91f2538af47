/**
 * Writes that must not fail whoever makes them: a plugin that has ended has
 * ended, though the disk is full. What cannot be written is owed, in order,
 * until there is room.
 *
 * @module
 */

import { CordonError, errorMessage } from "../errors.ts";
import type { Database } from "./database.ts";
import type { Journal } from "./journal.ts";

/** Writes owed at most; then the oldest are lost, which the journal tells. */
const MAX_OWED = 10_000;

/** Carries writes out, now or later. */
export class OwedWrites {
  readonly #database: Database;
  readonly #journal: Journal;
  readonly #onNotice: (message: string) => void;
  #owed: (() => void)[] = [];
  #lost = 0;
  #isBehind = false;

  /** @param onNotice Told when writing fails, and when all is written again. */
  constructor(
    { database, journal, onNotice }: {
      database: Database;
      journal: Journal;
      onNotice: (message: string) => void;
    },
  ) {
    this.#database = database;
    this.#journal = journal;
    this.#onNotice = onNotice;
  }

  /** Carries a write out, or owes it. Inside a transaction it fails with that. */
  keep(write: () => void): void {
    if (this.#database.isInTransaction) return write();
    this.#owed.push(write);
    try {
      this.settle();
    } catch (error) {
      // Else it is owed, and that was told.
      if (!isForLater(error)) throw error;
    }
  }

  /**
   * Carries out what is owed.
   *
   * @throws {CordonError} `not_writable` while that is not possible.
   */
  settle(): void {
    try {
      for (let write = this.#owed[0]; write !== undefined; write = this.#owed[0]) {
        this.#database.transaction(write);
        this.#owed.shift();
      }
      if (this.#lost > 0) this.#journal.append("host.writes_lost", { count: this.#lost });
      this.#lost = 0;
    } catch (error) {
      // Entries of the transaction that failed are none.
      this.#journal.reread();
      if (!isForLater(error)) {
        this.#owed.shift();
        throw error;
      }
      this.#lost += this.#owed.splice(0, this.#owed.length - MAX_OWED).length;
      if (!this.#isBehind) {
        this.#onNotice(
          `What happens to plugins cannot be kept: ${
            errorMessage(error)
          }. They run on; none is started until it can.`,
        );
      }
      this.#isBehind = true;
      throw error;
    }
    if (this.#isBehind) this.#onNotice("What happens to plugins is kept again");
    this.#isBehind = false;
  }
}

/** Whether a write that failed may succeed when it is tried again. */
function isForLater(error: unknown): boolean {
  return error instanceof CordonError && error.code === "not_writable";
}
