/**
 * Events that are kept until they are delivered and longer, and how far each
 * subscription has come.
 *
 * @module
 */

import type { Database } from "./database.ts";
import type { Cut, EventKeeper, EventRow, PositionRow, TopicBounds, TopicFigures } from "./event_rows.ts";

/** Rows looked at in one step of dropping. */
const PAGE = 256;

/** The events and positions of a data folder. */
export class EventStore implements EventKeeper {
  readonly #database: Database;

  /** @param database Where they are kept. */
  constructor(database: Database) {
    this.#database = database;
  }

  /** Runs several writes as one: all of them, or none. */
  transaction<Result>(run: () => Result): Result {
    return this.#database.transaction(run);
  }

  /** The topics whose events are kept. */
  topics(): Map<string, TopicBounds> {
    const rows = this.#database.all<
      { topic: string; retain: number; max_events: number; max_age_ms: number; max_bytes: number }
    >("SELECT * FROM event_topics");
    return new Map(rows.map((row) => [row.topic, {
      retain: row.retain === 1,
      maxEvents: row.max_events,
      maxAgeMs: row.max_age_ms,
      maxBytes: row.max_bytes,
    }]));
  }

  /** Keeps how long the events of a topic are kept. */
  putTopic(topic: string, { retain, maxEvents, maxAgeMs, maxBytes }: TopicBounds): void {
    this.#database.run(
      "INSERT OR REPLACE INTO event_topics (topic, retain, max_events, max_age_ms, max_bytes) VALUES (?, ?, ?, ?, ?)",
      topic,
      retain ? 1 : 0,
      maxEvents,
      maxAgeMs,
      maxBytes,
    );
  }

  /** Keeps an event. */
  append({ position, topic, publisher, trace, time, bytes, value }: EventRow): void {
    this.#database.run(
      "INSERT INTO events (position, topic, publisher, trace, time, bytes, value) VALUES (?, ?, ?, ?, ?, ?, ?)",
      position,
      topic,
      publisher,
      trace,
      time,
      bytes,
      value,
    );
  }

  /** Position and time of the newest event there ever was; the time is 0 where it is gone. */
  head(): { position: number; time: number } {
    const row = this.#database.get<{ position: number; time: number | null }>(
      `SELECT seq AS position, (SELECT time FROM events WHERE position = seq) AS time
       FROM sqlite_sequence WHERE name = 'events'`,
    );
    return { position: row?.position ?? 0, time: row?.time ?? 0 };
  }

  /** What there is of a topic. */
  figures(topic: string): TopicFigures {
    const row = this.#database.get<
      { count: number; bytes: number | null; last: number | null; since: number | null }
    >(
      "SELECT count(*) AS count, sum(bytes) AS bytes, max(position) AS last, min(time) AS since FROM events WHERE topic = ?",
      topic,
    )!;
    return {
      count: row.count,
      bytes: row.bytes ?? 0,
      last: row.last ?? 0,
      since: row.since ?? Infinity,
    };
  }

  /** The events of a topic behind a position, oldest first. */
  read(topic: string, after: number, limit: number): EventRow[] {
    return this.#database.all<EventRow>(
      "SELECT * FROM events WHERE topic = ? AND position > ? ORDER BY position LIMIT ?",
      topic,
      after,
      limit,
    );
  }

  /** The newest event of a topic. */
  last(topic: string): EventRow | undefined {
    return this.#database.get<EventRow>(
      "SELECT * FROM events WHERE topic = ? ORDER BY position DESC LIMIT 1",
      topic,
    );
  }

  /** Position before the first event that was kept at a time or after it. */
  positionBefore(time: number): number {
    // Times never fall, so that a few looks at single rows find it.
    let [low, high] = [0, this.head().position];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const row = this.#database.get<{ position: number; time: number }>(
        "SELECT position, time FROM events WHERE position > ? ORDER BY position LIMIT 1",
        middle,
      );
      if (row === undefined || row.time >= time) high = middle;
      else low = row.position;
    }
    return low;
  }

  /**
   * Finds how many events of a topic go, so that the rest keeps within bounds.
   *
   * @param figures What there is of it.
   * @param oldest Time before which events go.
   */
  findCut(
    topic: string,
    bounds: TopicBounds,
    { figures, oldest }: { figures: TopicFigures; oldest: number },
  ): Cut {
    const { retain, maxEvents, maxBytes } = bounds;
    let { count, bytes } = figures;
    let upTo = 0;
    for (;;) {
      const page = this.#database.all<{ position: number; bytes: number; time: number }>(
        "SELECT position, bytes, time FROM events WHERE topic = ? AND position > ? ORDER BY position LIMIT ?",
        topic,
        upTo,
        PAGE,
      );
      if (page.length === 0) return { upTo, left: { ...figures, count: 0, bytes: 0, since: Infinity } };
      for (const row of page) {
        const isWithin = count <= maxEvents && bytes <= maxBytes && row.time >= oldest;
        if (isWithin || (retain && count === 1)) {
          return { upTo, left: { ...figures, count, bytes, since: row.time } };
        }
        upTo = row.position;
        count--;
        bytes -= row.bytes;
      }
    }
  }

  /** How many events of a topic there are behind one position and up to another. */
  count(topic: string, after: number, upTo: number): number {
    return this.#database.get<{ count: number }>(
      "SELECT count(*) AS count FROM events WHERE topic = ? AND position > ? AND position <= ?",
      topic,
      after,
      upTo,
    )!.count;
  }

  /** Drops the events of a topic up to a position. */
  drop(topic: string, upTo: number): void {
    this.#database.run("DELETE FROM events WHERE topic = ? AND position <= ?", topic, upTo);
  }

  /** How far every subscription has come. */
  positions(): PositionRow[] {
    return this.#database.all<PositionRow>("SELECT * FROM event_positions");
  }

  /** Keeps how far a subscription has come. */
  putPosition({ plugin, pattern, name, position, attempts, careful, missed }: PositionRow): void {
    this.#database.run(
      `INSERT OR REPLACE INTO event_positions (plugin, pattern, name, position, attempts, careful, missed)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
      plugin,
      pattern,
      name,
      position,
      attempts,
      careful,
      missed,
    );
  }

  /** Forgets how far a subscription has come. */
  removePosition({ plugin, pattern, name }: Pick<PositionRow, "plugin" | "pattern" | "name">): void {
    this.#database.run(
      "DELETE FROM event_positions WHERE plugin = ? AND pattern = ? AND name = ?",
      plugin,
      pattern,
      name,
    );
  }
}
