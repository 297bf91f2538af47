/**
 * What is kept of events, and what whoever keeps them can do. Nothing is
 * imported here: the testing kit knows these types and no database.
 *
 * @module
 */

/** How long the events of a topic are kept: each bound holds. */
export interface TopicBounds {
  /** Whether the newest one is spared. */
  readonly retain: boolean;
  /** Most events. */
  readonly maxEvents: number;
  /** Greatest age, in milliseconds. */
  readonly maxAgeMs: number;
  /** What they may weigh. */
  readonly maxBytes: number;
}

/** A kept event. */
export interface EventRow {
  /** Its position among all events that are kept, from 1. */
  readonly position: number;
  /** Its topic. */
  readonly topic: string;
  /** Id of the publishing plugin. */
  readonly publisher: string;
  /** W3C `traceparent` of what published it, if there was one. */
  readonly trace: string | null;
  /** When it was kept, in milliseconds since 1970; never before the one that precedes it. */
  readonly time: number;
  /** What it weighs. */
  readonly bytes: number;
  /** Its encoded value. */
  readonly value: string | Uint8Array;
}

/** How far a subscription has come. */
export interface PositionRow {
  /** Id of the subscribing plugin. */
  readonly plugin: string;
  /** Its pattern. */
  readonly pattern: string;
  /** What tells it from others of the same pattern. */
  readonly name: string;
  /** Of the last event that was taken, or set aside. */
  readonly position: number;
  /** How often the next one has failed. */
  readonly attempts: number;
  /** Up to there events are handed over one by one, since one of them may have ended the plugin. */
  readonly careful: number;
  /** Events that were dropped before they could be taken, and not told yet. */
  readonly missed: number;
}

/** What there is of one topic. */
export interface TopicFigures {
  readonly count: number;
  readonly bytes: number;
  /** Position of the newest event, though it may be gone; 0 for none. */
  readonly last: number;
  /** Time of the oldest event; Infinity for none. */
  readonly since: number;
}

/** What goes of a topic, and what stays. */
export interface Cut {
  /** Position up to which events go; 0 where all of them stay. */
  readonly upTo: number;
  /** What there is of it then. */
  readonly left: TopicFigures;
}

/** Keeps events and positions. */
export interface EventKeeper {
  /** Runs several writes as one: all of them, or none. */
  transaction<Result>(run: () => Result): Result;
  /** The topics whose events are kept. */
  topics(): Map<string, TopicBounds>;
  /** Keeps how long the events of a topic are kept. */
  putTopic(topic: string, bounds: TopicBounds): void;
  /** Keeps an event. */
  append(event: EventRow): void;
  /** Position and time of the newest event there ever was; the time is 0 where it is gone. */
  head(): { position: number; time: number };
  /** What there is of a topic. */
  figures(topic: string): TopicFigures;
  /** The events of a topic behind a position, oldest first. */
  read(topic: string, after: number, limit: number): EventRow[];
  /** The newest event of a topic. */
  last(topic: string): EventRow | undefined;
  /** Position before the first event that was kept at a time or after it. */
  positionBefore(time: number): number;
  /**
   * Finds how many events of a topic go, so that the rest keeps within bounds.
   *
   * @param figures What there is of it.
   * @param oldest Time before which events go.
   */
  findCut(
    topic: string,
    bounds: TopicBounds,
    known: { figures: TopicFigures; oldest: number },
  ): Cut;
  /** How many events of a topic there are behind one position and up to another. */
  count(topic: string, after: number, upTo: number): number;
  /** Drops the events of a topic up to a position. */
  drop(topic: string, upTo: number): void;
  /** How far every subscription has come. */
  positions(): PositionRow[];
  /** Keeps how far a subscription has come. */
  putPosition(position: PositionRow): void;
  /** Forgets how far a subscription has come. */
  removePosition(key: Pick<PositionRow, "plugin" | "pattern" | "name">): void;
}
