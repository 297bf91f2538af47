/**
 * Everything that happened to plugins, in order, in the database. Whoever
 * appends has its event kept, whatever happens to the host then.
 *
 * @module
 */

import type { Database } from "./database.ts";

/** Events kept, unless the journal is told otherwise. */
const MAX_EVENTS = 50_000;

/** Older events go each time so many were appended. */
const PRUNE_EVERY = 1_000;

const PAGE = 256;

/** One thing that happened. */
export interface JournalEvent {
  /** Position in the journal, from 1. */
  readonly seq: number;
  /** When, as an ISO 8601 date and time. */
  readonly time: string;
  /** What: `plugin.state`, `plugin.exit`, `host.start`, `host.stop`, `call.refused` … */
  readonly type: string;
  /** Which plugin, where it concerns one. */
  readonly id?: string;
  /** Facts. */
  readonly facts: Readonly<Record<string, unknown>>;
}

/** Which events to list. */
export interface JournalQuery {
  /** Plugin they concern. */
  readonly id?: string;
  /** First position. */
  readonly from?: number;
  /** How many of the last ones. @default {all that are kept} */
  readonly last?: number;
}

interface Row {
  readonly seq: number;
  readonly time: string;
  readonly type: string;
  readonly id: string | null;
  readonly facts: string;
}

/** An append-only log of events that can be followed. */
export class Journal {
  readonly #database: Database;
  readonly #waiters = new Set<() => void>();
  readonly #maxEvents: number;
  #lastSeq: number;
  #isClosed = false;

  /**
   * Opens a journal.
   *
   * @param database Where it is kept.
   * @param options `maxEvents`: how many are kept at least.
   */
  constructor(database: Database, { maxEvents = MAX_EVENTS }: { readonly maxEvents?: number } = {}) {
    this.#database = database;
    this.#maxEvents = maxEvents;
    this.#lastSeq = readLastSeq(database);
  }

  /**
   * Appends an event; it is kept when this returns.
   *
   * @param time When it came about, where that is not now.
   */
  append(type: string, facts: Record<string, unknown>, id?: string, time?: string): void {
    this.#database.run(
      "INSERT INTO journal (time, type, id, facts) VALUES (?, ?, ?, ?)",
      time ?? new Date().toISOString(),
      type,
      id ?? null,
      JSON.stringify(facts),
    );
    this.#lastSeq = this.#database.get<{ seq: number }>("SELECT last_insert_rowid() AS seq")!.seq;
    if (this.#lastSeq % PRUNE_EVERY === 0) {
      this.#database.run("DELETE FROM journal WHERE seq <= ?", this.#lastSeq - this.#maxEvents);
    }
    this.#wake();
  }

  /** Looks again where it ends: a transaction that failed has taken its events along. */
  reread(): void {
    this.#lastSeq = readLastSeq(this.#database);
  }

  /** Position of the newest event; 0 for an empty journal. */
  get lastSeq(): number {
    return this.#lastSeq;
  }

  /** What is kept, oldest first. */
  list({ id, from = 0, last }: JournalQuery = {}): readonly JournalEvent[] {
    const rows = this.#database.all<Row>(
      "SELECT * FROM journal WHERE seq >= ? AND (? IS NULL OR id = ?) ORDER BY seq DESC LIMIT ?",
      from,
      id ?? null,
      id ?? null,
      last ?? -1,
    );
    return rows.reverse().map(toEvent);
  }

  /**
   * Follows the journal until it closes or `signal` aborts.
   *
   * @param options `from`: position to begin at, by default what comes after this call.
   */
  follow(
    options: { readonly from?: number; readonly signal?: AbortSignal } = {},
  ): AsyncGenerator<JournalEvent> {
    return this.#follow(options.from ?? this.#lastSeq + 1, options.signal);
  }

  /** Ends those who follow, once they have read what is there. */
  close(): void {
    this.#isClosed = true;
    this.#wake();
  }

  async *#follow(from: number, signal: AbortSignal | undefined): AsyncGenerator<JournalEvent> {
    let next = from;
    while (!signal?.aborted) {
      const rows = next > this.#lastSeq || !this.#database.isOpen ? [] : this.#database.all<Row>(
        "SELECT * FROM journal WHERE seq >= ? ORDER BY seq LIMIT ?",
        next,
        PAGE,
      );
      for (const row of rows) {
        next = row.seq + 1;
        yield toEvent(row);
        if (signal?.aborted) return;
      }
      if (rows.length > 0) continue;
      if (this.#isClosed) return;
      await this.#changed(signal);
    }
  }

  #wake(): void {
    for (const wake of this.#waiters) wake();
    this.#waiters.clear();
  }

  async #changed(signal: AbortSignal | undefined): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiters.add(resolve);
    const onAbort = () => resolve();
    signal?.addEventListener("abort", onAbort, { once: true });
    try {
      await promise;
    } finally {
      this.#waiters.delete(resolve);
      signal?.removeEventListener("abort", onAbort);
    }
  }
}

function readLastSeq(database: Database): number {
  return database.get<{ seq: number | null }>("SELECT max(seq) AS seq FROM journal")?.seq ?? 0;
}

function toEvent({ seq, time, type, id, facts }: Row): JournalEvent {
  return { seq, time, type, ...(id === null ? {} : { id }), facts: JSON.parse(facts) };
}
