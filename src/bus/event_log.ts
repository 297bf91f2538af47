/**
 * Events that are kept: on disk before their publisher is told, and handed to
 * each subscription by its own position. What is published in one turn of the
 * event loop is kept as one write.
 *
 * @module
 */

import { CordonError, errorMessage } from "../errors.ts";
import type { EventStart } from "../sdk/events.ts";
import type { EventKeeper, TopicBounds } from "../store/event_rows.ts";
import { EventCursor, type KeptReply } from "./event_cursor.ts";
import { type KeptPosition, KeptPositions } from "./kept_positions.ts";
import { KeptTopics } from "./kept_topics.ts";
import type { Delivery, EventFacts, PublishedEvent } from "./published_event.ts";
import { matchesTopic } from "./topic.ts";
import { TopicIndex } from "./topic_index.ts";

/** Notes something in the journal. */
export type Note = (type: string, facts: Record<string, unknown>, id?: string) => void;

/** What the log needs. */
export interface EventLogContext {
  /** Where events are kept. */
  readonly store: EventKeeper;
  /** Notes something in the journal. */
  readonly note: Note;
  /** The clock, in milliseconds since 1970. */
  readonly now?: () => number;
  /** Pauses before an event that failed is handed over again. */
  readonly pausesMs?: readonly number[];
}

/** A subscription to kept events. */
export interface KeptSubscription {
  /** Its pattern. */
  readonly pattern: string;
  /** Whose it is; no position is kept without. */
  readonly key?: { readonly plugin: string; readonly name?: string };
  /** Where it begins without a position of before. */
  readonly from: EventStart;
  /** Whether a position of before does not count. */
  readonly rewind: boolean;
  /** Position of the event that it was started for. */
  readonly startedFor?: number;
  /** Takes a batch, up to the first event that fails. */
  readonly take: (batch: readonly Delivery[]) => Promise<KeptReply>;
}

/** A subscription to kept events that is open; disposed of, it begins there again the next time. */
export interface KeptCursor extends Disposable {
  /** Whether there was no position to go on from. */
  readonly isNew: boolean;
  /** Hands nothing over until it goes on; settles when what was handed over is taken. */
  rest(): Promise<void>;
  /** Goes on. */
  resume(): void;
  /** Ends it for good. */
  end(): void;
}

interface Pending {
  readonly event: EventFacts;
  readonly bounds: TopicBounds;
  readonly resolve: (event: PublishedEvent) => void;
  readonly reject: (error: unknown) => void;
}

/** The kept events of a host. */
export class EventLog implements Disposable {
  readonly #context: EventLogContext;
  readonly #topics: KeptTopics;
  readonly #positions: KeptPositions;
  readonly #cursors = new TopicIndex<EventCursor>();
  #pending: Pending[] = [];
  #isClosed = false;

  /** @param context What it needs. */
  constructor(context: EventLogContext) {
    this.#context = context;
    this.#topics = new KeptTopics(context.store, context.now ?? Date.now);
    this.#positions = new KeptPositions(context.store);
  }

  /** Says that the events of a topic will be kept. */
  declare(topic: string): void {
    this.#topics.declare(topic);
  }

  /**
   * Keeps an event.
   *
   * @returns The event, once it is kept.
   * @throws {CordonError} `not_writable`: then nobody gets it.
   */
  append(event: EventFacts, bounds: TopicBounds): Promise<PublishedEvent> {
    const { promise, resolve, reject } = Promise.withResolvers<PublishedEvent>();
    // What else comes in this turn is kept with it.
    if (this.#pending.length === 0) queueMicrotask(() => this.#commit());
    this.#pending.push({ event, bounds, resolve, reject });
    return promise;
  }

  /**
   * Begins to hand events over.
   *
   * @throws {CordonError} `not_durable` where there is nothing to replay, `not_writable`,
   * `too_many_subscriptions`, `invalid_input`.
   */
  open(subscription: KeptSubscription): KeptCursor {
    const { pattern, key, rewind, take } = subscription;
    this.#assertReplayable(subscription);
    const position = this.#positions.open({
      pattern,
      key,
      rewind,
      begin: () => this.#findStart(subscription),
      isKept: this.#topics.matching(pattern).length > 0,
    });
    const note = (type: string, facts: Record<string, unknown>) =>
      this.#context.note(type, { pattern, name: position.key?.name, ...facts }, key?.plugin);
    const cursor = new EventCursor({
      state: position.state,
      take,
      pausesMs: this.#context.pausesMs,
      read: (after) => this.#isClosed ? [] : this.#topics.read(pattern, after),
      onChange: () => this.#positions.keepLater(position),
      onSetAside: ({ topic, publisher, kept }, facts) =>
        note("event.set_aside", { topic, publisher, position: kept!.position, ...facts }),
      onTrouble: (error) => note("event.unreadable", { message: errorMessage(error) }),
    });
    this.#cursors.add(pattern, cursor);
    cursor.wake();
    const close = () => {
      cursor[Symbol.dispose]();
      this.#cursors.delete(pattern, cursor);
    };
    return {
      isNew: position.isNew || rewind,
      rest: () => cursor.rest(),
      resume: () => cursor.resume(),
      end: () => {
        close();
        this.#positions.forget(position);
      },
      [Symbol.dispose]: () => {
        close();
        this.#positions.close(position);
      },
    };
  }

  /** The last event of each topic that retains it. */
  retained(pattern: string): PublishedEvent[] {
    return this.#topics.retained(pattern);
  }

  /** Whether events wait for a plugin that begins where it left off. */
  isBehind(plugin: string): boolean {
    return this.#positions.of(plugin).some(({ pattern, state }) =>
      this.#topics.read(pattern, state.position).length > 0
    );
  }

  /** Keeps what is not kept yet; nothing is handed over any more. */
  [Symbol.dispose](): void {
    this.#commit();
    this.#isClosed = true;
    this.#positions[Symbol.dispose]();
  }

  #assertReplayable({ pattern, from }: KeptSubscription): void {
    if (from === "now" || from === "retained" || this.#topics.matching(pattern).length > 0) return;
    throw new CordonError("not_durable", `Cannot replay "${pattern}": no topic that it matches is kept`, {
      hint: "Its publisher can say so in [events.topics] of its manifest",
    });
  }

  /** Position behind which a subscription begins. */
  #findStart({ from, startedFor }: KeptSubscription): number {
    if (from === "start") return 0;
    if (typeof from === "object") {
      return "position" in from ? from.position - 1 : this.#context.store.positionBefore(from.time);
    }
    return startedFor === undefined ? this.#topics.head : startedFor - 1;
  }

  #commit(): void {
    const pending = this.#pending;
    if (pending.length === 0) return;
    this.#pending = [];
    let events: PublishedEvent[];
    try {
      events = this.#topics.transaction(() => {
        this.#positions.write();
        return pending.map((one) => this.#keep(one));
      });
    } catch (error) {
      for (const { reject } of pending) reject(error);
      return;
    }
    this.#positions.written();
    for (const [index, event] of events.entries()) pending[index]!.resolve(event);
    const topics = [...new Set(events.map(({ topic }) => topic))];
    for (const topic of topics) this.#prune(topic);
    for (const cursor of new Set(topics.flatMap((topic) => this.#cursors.match(topic)))) cursor.wake();
  }

  #keep({ event, bounds }: Pending): PublishedEvent {
    if (this.#topics.keep(event.topic, bounds)) {
      this.#positions.keepOpen((pattern) => matchesTopic(pattern, event.topic));
    }
    return this.#topics.append(event);
  }

  /** Drops what is beyond the bounds of a topic, and counts it for those who have not had it. */
  #prune(topic: string): void {
    try {
      const cut = this.#topics.findCut(topic);
      if (cut === undefined) return;
      const { store } = this.#context;
      const losing = this.#positions.before(cut.upTo).filter(({ pattern }) => matchesTopic(pattern, topic))
        .map((position) => ({
          position,
          missed: store.count(topic, Math.max(position.state.position, position.state.offered), cut.upTo),
        })).filter(({ missed }) => missed > 0);
      this.#topics.drop(topic, cut);
      for (const { position, missed } of losing) this.#lose(position, topic, missed);
    } catch (error) {
      // Where there is no room to drop something, it is dropped with the next event that there is room for.
      if (!(error instanceof CordonError)) throw error;
    }
  }

  #lose(position: KeptPosition, topic: string, missed: number): void {
    const { pattern, key, state } = position;
    // Until the subscriber is told, more of the same is not news.
    if (state.missed === 0) {
      this.#context.note("event.expired", { topic, pattern, missed }, key?.plugin);
    }
    state.missed += missed;
    this.#positions.keepLater(position);
  }
}
