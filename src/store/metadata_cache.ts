/**
 * What was read of plugin folders, so that an unchanged one is not read again:
 * by the stamp of its files first, by the hash of their contents next.
 *
 * @module
 */

import type { Database } from "./database.ts";

/** Remembers JSON-shaped metadata of folders. */
export class MetadataCache {
  readonly #database: Database;

  /** @param database Where it is kept. */
  constructor(database: Database) {
    this.#database = database;
  }

  /** What was read when the files of the folder had this stamp. */
  findByStamp(dir: string, stamp: string): unknown {
    const row = this.#database.get<{ found: string }>(
      "SELECT found FROM metadata WHERE dir = ? AND stamp = ?",
      dir,
      stamp,
    );
    return row === undefined ? undefined : JSON.parse(row.found);
  }

  /** What was read of any folder with these contents. */
  findByHash(hash: string): unknown {
    const row = this.#database.get<{ found: string }>(
      "SELECT found FROM metadata WHERE hash = ? LIMIT 1",
      hash,
    );
    return row === undefined ? undefined : JSON.parse(row.found);
  }

  /** Remembers what was read, in place of what was known of the folder. */
  put(dir: string, { stamp, hash, found }: { stamp: string; hash: string; found: unknown }): void {
    this.#database.run(
      `INSERT INTO metadata (dir, stamp, hash, found) VALUES (?, ?, ?, ?)
       ON CONFLICT (dir) DO UPDATE SET stamp = excluded.stamp, hash = excluded.hash, found = excluded.found`,
      dir,
      stamp,
      hash,
      JSON.stringify(found),
    );
  }

  /** Runs several accesses as one write. */
  batch(run: () => void): void {
    this.#database.transaction(run);
  }
}
