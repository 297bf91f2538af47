/**
 * Crash reports, the last of each plugin.
 *
 * @module
 */

import type { Database } from "./database.ts";

/** Reports kept of a plugin, and of all plugins. */
const [MAX_EACH, MAX_ALL] = [20, 1_000];
/** Reports handed out at once. */
const MAX_LISTED = 100;

/** Keeps reports as texts. */
export class CrashStore {
  readonly #database: Database;

  /** @param database Where they are kept. */
  constructor(database: Database) {
    this.#database = database;
  }

  /** Keeps a report; older ones make room for it. */
  append(id: string, report: string): void {
    this.#database.run("INSERT INTO crashes (id, report) VALUES (?, ?)", id, report);
    this.#database.run(
      `DELETE FROM crashes WHERE id = ?1 AND seq NOT IN
         (SELECT seq FROM crashes WHERE id = ?1 ORDER BY seq DESC LIMIT ${MAX_EACH})`,
      id,
    );
    this.#database.run(
      `DELETE FROM crashes WHERE seq NOT IN (SELECT seq FROM crashes ORDER BY seq DESC LIMIT ${MAX_ALL})`,
    );
  }

  /** The last reports of a plugin, or of all, the newest first. */
  list(id?: string): string[] {
    const rows = id === undefined
      ? this.#database.all<{ report: string }>(
        `SELECT report FROM crashes ORDER BY seq DESC LIMIT ${MAX_LISTED}`,
      )
      : this.#database.all<{ report: string }>(
        "SELECT report FROM crashes WHERE id = ? ORDER BY seq DESC",
        id,
      );
    return rows.map(({ report }) => report);
  }
}
