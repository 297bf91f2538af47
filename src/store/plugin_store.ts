/**
 * The registry: which plugins and versions were seen, and where each stands.
 *
 * @module
 */

import type { Database } from "./database.ts";

/** Where a plugin stands, as kept. */
export interface PluginRecord {
  /** Plugin id. */
  readonly id: string;
  /** Its folder. */
  readonly dir: string;
  /** Its version, when the manifest could be read. */
  readonly version: string | undefined;
  /** Its state. */
  readonly state: string;
  /** Why it is in that state. */
  readonly detail: Readonly<Record<string, unknown>>;
  /** Process id, while it runs. */
  readonly pid: number | undefined;
  /** Start time of that process, in the kernel's ticks since boot: a pid alone may be another's by now. */
  readonly started: number | undefined;
  /** Since when, as an ISO 8601 date and time. */
  readonly since: string;
}

interface Row extends Omit<PluginRecord, "version" | "detail" | "pid" | "started"> {
  readonly version: string | null;
  readonly detail: string;
  readonly pid: number | null;
  readonly started: number | null;
}

/** The registry. */
export class PluginStore {
  readonly #database: Database;

  /** @param database Where it is kept. */
  constructor(database: Database) {
    this.#database = database;
  }

  /** Keeps where a plugin stands. */
  put({ id, dir, version, state, detail, pid, started, since }: PluginRecord): void {
    this.#database.run(
      `INSERT INTO plugins (id, dir, version, state, detail, pid, started, since) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET dir = excluded.dir, version = excluded.version, state = excluded.state,
         detail = excluded.detail, pid = excluded.pid, started = excluded.started, since = excluded.since`,
      id,
      dir,
      version ?? null,
      state,
      JSON.stringify(detail),
      pid ?? null,
      started ?? null,
      since,
    );
  }

  /** Every plugin ever seen, by id. */
  list(): PluginRecord[] {
    return this.#database.all<Row>("SELECT * FROM plugins ORDER BY id").map(toRecord);
  }

  /** One plugin. */
  get(id: string): PluginRecord | undefined {
    const row = this.#database.get<Row>("SELECT * FROM plugins WHERE id = ?", id);
    return row === undefined ? undefined : toRecord(row);
  }

  /** Notes that a version was seen; the first time counts. */
  noteVersion(id: string, version: string, hash: string): void {
    this.#database.run(
      "INSERT INTO versions (id, version, hash, first_seen) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
      id,
      version,
      hash,
      new Date().toISOString(),
    );
  }

  /** Versions seen of a plugin, oldest first. */
  versions(id: string): { version: string; hash: string; firstSeen: string }[] {
    return this.#database.all(
      "SELECT version, hash, first_seen AS firstSeen FROM versions WHERE id = ? ORDER BY first_seen",
      id,
    );
  }
}

function toRecord(row: Row): PluginRecord {
  return {
    ...row,
    version: row.version ?? undefined,
    detail: JSON.parse(row.detail),
    pid: row.pid ?? undefined,
    started: row.started ?? undefined,
  };
}
