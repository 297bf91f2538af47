/**
 * The topics whose events are kept: what is on disk of them, and the newest
 * events in memory, since most subscribers are not far behind.
 *
 * @module
 */

import { MAX_ATTACHMENTS } from "../rpc/carried_value.ts";
import type { Cut, EventKeeper, EventRow, TopicBounds, TopicFigures } from "../store/event_rows.ts";
import { MAX_BATCH } from "./event_queue.ts";
import { EventValue } from "./event_value.ts";
import { type EventFacts, PublishedEvent } from "./published_event.ts";
import { matchesTopic } from "./topic.ts";

/** Newest events held in memory, and what they may weigh. */
const MAX_RECENT = 512;
const MAX_RECENT_BYTES = 4 * 1024 * 1024;
/** Weight of what is read at once. */
const READ_BYTES = 1024 * 1024;
/** Patterns whose topics are remembered. */
const MAX_PATTERNS = 4_096;
/** Share of a bound by which it may be exceeded: what is dropped at once costs less. */
const SLACK = 1 / 16;

/** What is on disk, as it was read or written last. */
interface OnDisk {
  readonly bounds: Map<string, TopicBounds>;
  readonly figures: Map<string, TopicFigures>;
  head: { position: number; time: number };
}

/** The topics whose events are kept. */
export class KeptTopics {
  readonly #store: EventKeeper;
  readonly #now: () => number;
  readonly #declared = new Set<string>();
  readonly #matching = new Map<string, ReadonlySet<string>>();
  #known: OnDisk | undefined;
  #recent: PublishedEvent[] = [];
  #recentBytes = 0;

  /**
   * @param store Where they are kept.
   * @param now The clock, in milliseconds since 1970.
   */
  constructor(store: EventKeeper, now: () => number) {
    this.#store = store;
    this.#now = now;
  }

  /** Position of the newest event there ever was. */
  get head(): number {
    return this.#disk.head.position;
  }

  /** Says that the events of a topic will be kept. */
  declare(topic: string): void {
    if (this.#declared.has(topic)) return;
    this.#declared.add(topic);
    this.#matching.clear();
  }

  /** The topics that a pattern matches, those without an event yet among them. */
  matching(pattern: string): readonly string[] {
    return [...this.#topicsOf(pattern)];
  }

  /** Runs several writes as one; what is in memory is as it was when they fail. */
  transaction<Result>(run: () => Result): Result {
    try {
      return this.#store.transaction(run);
    } catch (error) {
      // Nothing of what was noted meanwhile is so.
      this.#known = undefined;
      this.#recent = [];
      this.#recentBytes = 0;
      this.#matching.clear();
      throw error;
    }
  }

  /** Keeps the bounds of a topic; true for one of which nothing was kept before. */
  keep(topic: string, bounds: TopicBounds): boolean {
    const before = this.#disk.bounds.get(topic);
    if (before === bounds) return false;
    this.#store.putTopic(topic, bounds);
    this.#disk.bounds.set(topic, bounds);
    this.#matching.clear();
    return before === undefined;
  }

  /** Keeps an event. */
  append({ topic, publisher, value, traceparent }: EventFacts): PublishedEvent {
    const disk = this.#disk;
    const { count, bytes, since } = this.#figures(topic);
    const time = Math.max(this.#now(), disk.head.time);
    const position = disk.head.position + 1;
    const trace = traceparent ?? null;
    this.#store.append({ position, topic, publisher, trace, time, bytes: value.bytes, value: value.stored });
    const event = new PublishedEvent({ topic, publisher, value, traceparent, kept: { position, time } });
    disk.head = { position, time };
    disk.figures.set(topic, {
      count: count + 1,
      bytes: bytes + value.bytes,
      last: position,
      since: Math.min(since, time),
    });
    this.#remember(event);
    return event;
  }

  /** The next events of a pattern's topics behind a position. */
  read(pattern: string, after: number): PublishedEvent[] {
    if (after >= this.head) return [];
    const topics = this.#topicsOf(pattern);
    return this.#readRecent(topics, after) ?? this.#readStored(topics, after);
  }

  /** The last event of each topic of a pattern that retains it. */
  retained(pattern: string): PublishedEvent[] {
    return this.matching(pattern).flatMap((topic) => {
      const row = this.#disk.bounds.get(topic)?.retain ? this.#store.last(topic) : undefined;
      return row === undefined ? [] : [restore(row)];
    });
  }

  /** What of a topic is beyond its bounds. */
  findCut(topic: string): Cut | undefined {
    const bounds = this.#disk.bounds.get(topic);
    const figures = this.#figures(topic);
    if (bounds === undefined) return undefined;
    const isBeyond = figures.count > Math.floor(bounds.maxEvents * (1 + SLACK)) ||
      figures.bytes > bounds.maxBytes * (1 + SLACK) ||
      this.#now() - figures.since > bounds.maxAgeMs * (1 + SLACK);
    if (!isBeyond) return undefined;
    const cut = this.#store.findCut(topic, bounds, { figures, oldest: this.#now() - bounds.maxAgeMs });
    return cut.upTo === 0 ? undefined : cut;
  }

  /** Drops what is beyond the bounds of a topic. */
  drop(topic: string, { upTo, left }: Cut): void {
    this.transaction(() => this.#store.drop(topic, upTo));
    this.#disk.figures.set(topic, left);
    const last = this.#recent.findLastIndex((event) => event.topic === topic && event.kept!.position <= upTo);
    for (const { value } of this.#recent.splice(0, last + 1)) this.#recentBytes -= value.bytes;
  }

  get #disk(): OnDisk {
    return this.#known ??= { bounds: this.#store.topics(), figures: new Map(), head: this.#store.head() };
  }

  #figures(topic: string): TopicFigures {
    let figures = this.#disk.figures.get(topic);
    if (figures === undefined) this.#disk.figures.set(topic, figures = this.#store.figures(topic));
    return figures;
  }

  #topicsOf(pattern: string): ReadonlySet<string> {
    const known = this.#matching.get(pattern);
    if (known !== undefined) return known;
    const all = [...this.#disk.bounds.keys(), ...this.#declared];
    const topics = new Set(all.filter((topic) => matchesTopic(pattern, topic)));
    if (this.#matching.size >= MAX_PATTERNS) this.#matching.clear();
    this.#matching.set(pattern, topics);
    return topics;
  }

  #remember(event: PublishedEvent): void {
    this.#recent.push(event);
    this.#recentBytes += event.value.bytes;
    if (this.#recent.length <= MAX_RECENT && this.#recentBytes <= MAX_RECENT_BYTES) return;
    // Half of them at once, so that not each event moves all the others.
    for (const { value } of this.#recent.splice(0, this.#recent.length >> 1 || 1)) {
      this.#recentBytes -= value.bytes;
    }
  }

  /** The next events where all of them are in memory. */
  #readRecent(topics: ReadonlySet<string>, after: number): PublishedEvent[] | undefined {
    const first = this.#recent[0]?.kept?.position;
    if (first === undefined || after < first - 1) return undefined;
    const found: PublishedEvent[] = [];
    // Every position is taken by one event, whatever its topic.
    for (let at = after - first + 1; at < this.#recent.length && found.length < MAX_BATCH; at++) {
      if (topics.has(this.#recent[at]!.topic)) found.push(this.#recent[at]!);
    }
    return found;
  }

  #readStored(topics: ReadonlySet<string>, after: number): PublishedEvent[] {
    const rows: EventRow[] = [];
    let complete = Infinity;
    for (const topic of topics) {
      const { count, bytes, last } = this.#figures(topic);
      if (last <= after) continue;
      const limit = Math.max(1, Math.min(MAX_BATCH, Math.floor(READ_BYTES * count / bytes)));
      const page = this.#store.read(topic, after, limit);
      rows.push(...page);
      // Behind the last of a full page there may be more of its topic.
      if (page.length === limit) complete = Math.min(complete, page.at(-1)!.position);
    }
    return rows.filter(({ position }) => position <= complete).sort((a, b) => a.position - b.position)
      .slice(0, MAX_BATCH).map(restore);
  }
}

function restore({ topic, publisher, value, trace, position, time }: EventRow): PublishedEvent {
  // How many byte arrays there are in it was not kept: it goes alone.
  const attachments = typeof value === "string" ? 0 : MAX_ATTACHMENTS;
  return new PublishedEvent({
    topic,
    publisher,
    value: new EventValue(value, attachments),
    traceparent: trace ?? undefined,
    kept: { position, time },
  });
}
