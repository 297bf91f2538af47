/**
 * Which versions of plugins are kept, which were rejected, and the state that
 * each had when another took over.
 *
 * @module
 */

import type { Database } from "./database.ts";

/** Rejected versions remembered of one plugin. */
const MAX_REJECTED = 50;

/** What is known of a version: it has run through its trial, it has not yet, or it was rolled back from. */
export type VersionVerdict = "trial" | "good" | "rejected";

/** A version of a plugin, as kept. */
export interface VersionRecord {
  /** Plugin id. */
  readonly id: string;
  /** Hash of its files. */
  readonly hash: string;
  /** Its version. */
  readonly version: string;
  /** Since when it is kept, or rejected, as an ISO 8601 date and time. */
  readonly kept: string;
  /** What is known of it. */
  readonly verdict: VersionVerdict;
  /** Why it was rejected. */
  readonly reason: string | undefined;
  /** Hash of the version that ran in its place then. */
  readonly successor: string | undefined;
  /** What its files weigh. */
  readonly bytes: number;
  /** What the state weighs that it had when another took over; undefined where it left none. */
  readonly stateBytes: number | undefined;
}

interface Row extends Omit<VersionRecord, "reason" | "successor" | "stateBytes"> {
  readonly reason: string | null;
  readonly successor: string | null;
  readonly stateBytes: number | null;
}

const COLUMNS =
  "id, hash, version, kept, verdict, reason, successor, bytes, length(state) AS stateBytes FROM kept_versions";

/** The records of versions. */
export class VersionRecords {
  readonly #database: Database;

  /** @param database Where they are kept. */
  constructor(database: Database) {
    this.#database = database;
  }

  /** Versions of a plugin, the one that ran or was rejected last first. */
  list(id: string): VersionRecord[] {
    return this.#database.all<Row>(`SELECT ${COLUMNS} WHERE id = ? ORDER BY turn DESC`, id).map(toRecord);
  }

  /** One version. */
  get(id: string, hash: string): VersionRecord | undefined {
    const row = this.#database.get<Row>(`SELECT ${COLUMNS} WHERE id = ? AND hash = ?`, id, hash);
    return row === undefined ? undefined : toRecord(row);
  }

  /** Records that the files of a version are kept. */
  put({ id, hash, version, bytes }: Pick<VersionRecord, "id" | "hash" | "version" | "bytes">): void {
    this.#insert({ id, hash, version, bytes, verdict: "trial", reason: null, successor: null });
  }

  /** Notes that a version runs now; the latest is the first in the list. */
  noteRun(id: string, hash: string): void {
    this.#database.run(
      `UPDATE kept_versions SET turn = (SELECT max(turn) + 1 FROM kept_versions WHERE id = ?1)
       WHERE id = ?1 AND hash = ?2 AND turn < (SELECT max(turn) FROM kept_versions WHERE id = ?1)`,
      id,
      hash,
    );
  }

  /** Records that a version has run through its trial. */
  markGood(id: string, hash: string): void {
    this.#database.run("UPDATE kept_versions SET verdict = 'good' WHERE id = ? AND hash = ?", id, hash);
  }

  /** Records that a version was rolled back from; its files and its state are not wanted any more. */
  reject(
    { id, hash, version, reason, successor }:
      & Pick<VersionRecord, "id" | "hash" | "version" | "successor">
      & { readonly reason: string },
  ): void {
    this.#database.transaction(() => {
      this.remove(id, hash);
      this.#insert({
        id,
        hash,
        version,
        bytes: 0,
        verdict: "rejected",
        reason,
        successor: successor ?? null,
      });
      this.#database.run(
        `DELETE FROM kept_versions WHERE id = ?1 AND verdict = 'rejected' AND turn <=
           (SELECT turn FROM kept_versions WHERE id = ?1 AND verdict = 'rejected'
            ORDER BY turn DESC LIMIT 1 OFFSET ?2)`,
        id,
        MAX_REJECTED,
      );
    });
  }

  /** Keeps the state that a version had when another took over. */
  putState(id: string, hash: string, state: Uint8Array): void {
    this.#database.run("UPDATE kept_versions SET state = ? WHERE id = ? AND hash = ?", state, id, hash);
  }

  /** That state. */
  state(id: string, hash: string): Uint8Array | undefined {
    const row = this.#database.get<{ state: Uint8Array | null }>(
      "SELECT state FROM kept_versions WHERE id = ? AND hash = ?",
      id,
      hash,
    );
    return row?.state ?? undefined;
  }

  /** Forgets a version. */
  remove(id: string, hash: string): void {
    this.#database.run("DELETE FROM kept_versions WHERE id = ? AND hash = ?", id, hash);
  }

  #insert(
    { id, hash, version, verdict, reason, successor, bytes }: Omit<Row, "kept" | "stateBytes">,
  ): void {
    this.#database.run(
      `INSERT INTO kept_versions (id, hash, version, kept, turn, verdict, reason, successor, bytes)
       VALUES (?1, ?2, ?3, ?4, (SELECT coalesce(max(turn), 0) + 1 FROM kept_versions WHERE id = ?1), ?5, ?6, ?7, ?8)
       ON CONFLICT DO NOTHING`,
      id,
      hash,
      version,
      new Date().toISOString(),
      verdict,
      reason,
      successor,
      bytes,
    );
  }
}

function toRecord(row: Row): VersionRecord {
  return {
    ...row,
    reason: row.reason ?? undefined,
    successor: row.successor ?? undefined,
    stateBytes: row.stateBytes ?? undefined,
  };
}
