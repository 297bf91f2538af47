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
  `
  CREATE TABLE event_topics (
    topic TEXT PRIMARY KEY,
    retain INTEGER NOT NULL,
    max_events INTEGER NOT NULL,
    max_age_ms INTEGER NOT NULL,
    max_bytes INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE events (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    topic TEXT NOT NULL,
    publisher TEXT NOT NULL,
    trace TEXT,
    time INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    value ANY NOT NULL
  ) STRICT;
  CREATE INDEX events_topic ON events (topic, position);
  CREATE TABLE event_positions (
    plugin TEXT NOT NULL,
    pattern TEXT NOT NULL,
    name TEXT NOT NULL,
    position INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    careful INTEGER NOT NULL,
    missed INTEGER NOT NULL,
    PRIMARY KEY (plugin, pattern, name)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  CREATE TABLE processes (
    pid INTEGER PRIMARY KEY,
    plugin TEXT NOT NULL,
    started INTEGER
  ) STRICT, WITHOUT ROWID;
  `,
  `
  CREATE TABLE crashes (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL,
    report TEXT NOT NULL
  ) STRICT;
  CREATE INDEX crashes_id ON crashes (id, seq);
  `,
  `
  CREATE TABLE kept_versions (
    id TEXT NOT NULL,
    hash TEXT NOT NULL,
    version TEXT NOT NULL,
    kept TEXT NOT NULL,
    turn INTEGER NOT NULL,
    verdict TEXT NOT NULL,
    reason TEXT,
    successor TEXT,
    bytes INTEGER NOT NULL,
    state BLOB,
    config BLOB,
    PRIMARY KEY (id, hash)
  ) STRICT;
  `,
];
