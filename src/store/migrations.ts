/**
 * The schema of the database, one step a version. A step that has landed is
 * never changed: what comes later is a step of its own.
 *
 * @module
 */

/** SQL of each step; the database's `user_version` counts those done. */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE plugins (
    id TEXT PRIMARY KEY,
    dir TEXT NOT NULL,
    version TEXT,
    state TEXT NOT NULL,
    detail TEXT NOT NULL,
    pid INTEGER,
    started INTEGER,
    since TEXT NOT NULL
  ) STRICT;
  CREATE TABLE versions (
    id TEXT NOT NULL,
    version TEXT NOT NULL,
    hash TEXT NOT NULL,
    first_seen TEXT NOT NULL,
    PRIMARY KEY (id, version, hash)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE journal (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    time TEXT NOT NULL,
    type TEXT NOT NULL,
    id TEXT,
    facts TEXT NOT NULL
  ) STRICT;
  CREATE INDEX journal_id ON journal (id, seq);
  CREATE TABLE metadata (
    dir TEXT PRIMARY KEY,
    stamp TEXT NOT NULL,
    hash TEXT NOT NULL,
    found TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX metadata_hash ON metadata (hash);
  `,
  `
  CREATE TABLE kept_texts (
    name TEXT PRIMARY KEY,
    text TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  `
  CREATE TABLE provider_choices (
    capability TEXT PRIMARY KEY,
    provider TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
];
