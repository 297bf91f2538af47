/**
 * The processes of plugins, from the moment that there is one: a plugin may
 * have several, while a new version takes over or waits to.
 *
 * @module
 */

import type { Database } from "./database.ts";

/** A process. */
export interface ProcessRecord {
  /** Process id. */
  readonly pid: number;
  /** Id of its plugin. */
  readonly plugin: string;
  /** Its start time, in the kernel's ticks since boot: a pid alone may be another's by now. */
  readonly started: number | undefined;
}

/** Keeps processes. */
export class ProcessStore {
  readonly #database: Database;

  /** @param database Where they are kept. */
  constructor(database: Database) {
    this.#database = database;
  }

  /** Keeps one. */
  put({ pid, plugin, started }: ProcessRecord): void {
    this.#database.run(
      "INSERT INTO processes (pid, plugin, started) VALUES (?, ?, ?) " +
        "ON CONFLICT (pid) DO UPDATE SET plugin = excluded.plugin, started = excluded.started",
      pid,
      plugin,
      started ?? null,
    );
  }

  /** Forgets one that has ended. */
  remove(pid: number): void {
    this.#database.run("DELETE FROM processes WHERE pid = ?", pid);
  }

  /** All of them. */
  list(): ProcessRecord[] {
    return this.#database.all<{ pid: number; plugin: string; started: number | null }>(
      "SELECT pid, plugin, started FROM processes ORDER BY pid",
    ).map((row) => ({ ...row, started: row.started ?? undefined }));
  }
}
