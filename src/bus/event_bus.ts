/**
 * Events from publishers to subscribers. Each subscriber has a bounded queue
 * of its own, so that a slow one costs nobody else anything; events of topics
 * that ask for it are kept, and come to each subscription by its own position.
 *
 * @module
 */

import { CordonError } from "../errors.ts";
import { RateLimiter } from "../internal/rate_limiter.ts";
import type { TopicBounds } from "../store/event_rows.ts";
import type { KeptReply } from "./event_cursor.ts";
import { EventLog, type EventLogContext, type KeptCursor, type Note } from "./event_log.ts";
import { EventQueue, QueueBudget } from "./event_queue.ts";
import { EventValue } from "./event_value.ts";
import { type ListenOptions, parseListenOptions } from "./listen_options.ts";
import { type Delivery, PublishedEvent } from "./published_event.ts";
import { matchesTopic } from "./topic.ts";
import { TopicIndex } from "./topic_index.ts";

/** What the events that wait for one subscriber may weigh. */
export const MAX_QUEUE_BYTES: number = 8 * 1024 * 1024;

/** What the last value of a topic may weigh that is held in memory. */
const MAX_RETAINED_BYTES = 64 * 1024;

/** Who listens. */
export interface Subscriber {
  /** Plugin whose position is kept. */
  readonly plugin?: string;
  /** Weight that its queues share. @default {one of its own for each} */
  readonly budget?: QueueBudget;
  /** Takes a batch; settles when it is taken, however that went. */
  take(batch: readonly Delivery[]): Promise<unknown>;
  /** Takes a batch of kept events, up to the first that fails. */
  takeKept(batch: readonly Delivery[]): Promise<KeptReply>;
  /** Told of each event that there was no room for. */
  onDrop?(event: PublishedEvent): void;
  /** Told that the subscription has ended, by the rule `disconnect`. */
  onEnd?(error: CordonError): void;
}

/** A subscription; disposing it ends it, and a position that is kept stays. */
export interface Subscription extends Disposable {
  /** Events that there was no room for. */
  readonly dropped: number;
  /** Hands nothing over until it goes on; settles when what was handed over is taken. */
  pause(): Promise<void>;
  /** Goes on. */
  resume(): void;
  /** Ends it; returns what waits, for whoever goes on with it. */
  leave(): Continued;
  /** Ends it for good. */
  end(): void;
}

/** What a subscription goes on with. */
export interface Continued {
  /** Its pattern. */
  readonly pattern: string;
  /** What waited, in order; of what is kept the position says where to go on. */
  readonly waiting: readonly Delivery[];
}

/** How an event is published. */
export interface BusPublishOptions {
  /** How long it waits for subscribers with the rule `block`. @default {0} */
  readonly waitMs?: number;
  /** Whether it is what later subscribers of its topic begin with. @default {false} */
  readonly retain?: boolean;
  /** How long the events of its topic are kept, if they are. */
  readonly keep?: TopicBounds;
  /** W3C `traceparent` that goes with it. */
  readonly traceparent?: string;
}

/** Events a subscription begins with, since its plugin was started for them. */
export interface Held {
  /** Events that are not kept. */
  readonly events: readonly PublishedEvent[];
  /** Position of the first one that is. */
  readonly startedFor?: number;
  /** What another subscription left to this one. */
  readonly continued?: Continued;
  /** Whether whoever goes on so has what was retained before. @default {false} */
  readonly hasRetained?: boolean;
}

/** What the bus needs; without, nothing is kept. */
export type EventBusContext = Partial<Pick<EventLogContext, "store" | "now" | "pausesMs" | "note">>;

const NOTHING_HELD: Held = { events: [] };

/** Carries events. */
export class EventBus implements Disposable {
  readonly #note: Note;
  readonly #log: EventLog | undefined;
  readonly #queues = new TopicIndex<EventQueue>();
  readonly #watchers = new TopicIndex<(event: PublishedEvent) => void>();
  /** The last event of each topic that retains it without keeping it. */
  readonly #retained = new Map<string, PublishedEvent>();
  #isClosed = false;

  /** @param context What it needs. */
  constructor({ store, note = () => {}, ...context }: EventBusContext = {}) {
    this.#note = (...facts) => this.#isClosed ? undefined : note(...facts);
    this.#log = store === undefined ? undefined : new EventLog({ store, note: this.#note, ...context });
  }

  /** Says that the events of a topic will be kept. */
  declare(topic: string): void {
    this.#log?.declare(topic);
  }

  /** Whether kept events wait for a plugin that begins where it left off. */
  isBehind(plugin: string): boolean {
    return this.#log?.isBehind(plugin) ?? false;
  }

  /**
   * Hands an event to everyone whose pattern matches.
   *
   * @returns Settles once it is kept, and need wait for no subscriber; undefined when that is now.
   * @throws {TypeError} If the value cannot be carried.
   * @throws {CordonError} `too_large`; `not_writable` for an event that cannot be kept: then nobody gets it.
   */
  publish(
    topic: string,
    value: unknown,
    publisher: string,
    { waitMs = 0, retain = false, keep, traceparent }: BusPublishOptions = {},
  ): Promise<void> | undefined {
    const encoded = EventValue.encode(value);
    const facts = { topic, publisher, value: encoded, traceparent };
    if (retain && encoded.bytes > MAX_RETAINED_BYTES && keep === undefined) throw tooLargeToRetain(topic);
    if (keep !== undefined && this.#log !== undefined) {
      return this.#log.append(facts, keep).then((event) => this.#tellWatchers(event));
    }
    const event = new PublishedEvent(facts);
    if (retain) this.#retained.set(topic, event);
    let waits: Promise<void>[] | undefined;
    for (const queue of this.#queues.match(topic)) {
      const wait = queue.push(event, { waitMs });
      if (wait !== undefined) (waits ??= []).push(wait);
    }
    this.#tellWatchers(event);
    return waits && Promise.all(waits).then(() => {});
  }

  /** Has a function told of each event as it is published, at once. */
  watch(pattern: string, onEvent: (event: PublishedEvent) => void): Disposable {
    this.#watchers.add(pattern, onEvent);
    return { [Symbol.dispose]: () => this.#watchers.delete(pattern, onEvent) };
  }

  /**
   * Subscribes to a topic or pattern.
   *
   * @throws {CordonError} `not_durable` where there is nothing to replay, `too_many_subscriptions`,
   * `not_writable`, `invalid_input`.
   */
  subscribe(
    pattern: string,
    subscriber: Subscriber,
    options: ListenOptions = parseListenOptions(),
    held: Held = NOTHING_HELD,
  ): Subscription {
    const opened = this.#openLog(pattern, subscriber, { options, held });
    const news = new RateLimiter({ count: 1, periodMs: 60_000 });
    const note = (type: string) => {
      const { overflow, queue: length } = options;
      this.#note(type, { pattern, overflow, queue: length, dropped: queue.dropped }, subscriber.plugin);
    };
    const queue = new EventQueue({
      overflow: options.overflow,
      length: options.queue,
      budget: subscriber.budget ?? new QueueBudget(MAX_QUEUE_BYTES),
      take: (batch) => subscriber.take(batch),
      onDrop: (event) => {
        subscriber.onDrop?.(event);
        if (options.overflow !== "disconnect") {
          if (news.take()) note("event.dropped");
        } else if (!queue.isClosed) {
          subscription[Symbol.dispose]();
          note("event.disconnected");
          subscriber.onEnd?.(tooSlow(pattern, options.queue));
        }
      },
    });
    const close = () => {
      queue.close();
      this.#queues.delete(pattern, queue);
    };
    const subscription: Subscription = {
      get dropped() {
        return queue.dropped;
      },
      async pause() {
        await Promise.all([queue.pause(), opened?.rest()]);
      },
      resume() {
        queue.resume();
        opened?.resume();
      },
      leave() {
        const waiting = queue.leave();
        subscription[Symbol.dispose]();
        return { pattern, waiting };
      },
      end() {
        close();
        opened?.end();
      },
      [Symbol.dispose]() {
        close();
        opened?.[Symbol.dispose]();
      },
    };
    this.#queues.add(pattern, queue);
    for (const event of this.#findRetained(pattern, options, { held, isNew: opened?.isNew ?? true })) {
      queue.push(event, { isRetained: true });
    }
    for (const event of held.events) if (matchesTopic(pattern, event.topic)) queue.push(event);
    for (const { event, ...delivery } of held.continued?.waiting ?? []) queue.push(event, delivery);
    return subscription;
  }

  /** Keeps what is not kept yet; then nothing is kept, or noted, any more. */
  [Symbol.dispose](): void {
    this.#log?.[Symbol.dispose]();
    this.#isClosed = true;
  }

  #openLog(
    pattern: string,
    subscriber: Subscriber,
    { options, held }: { options: ListenOptions; held: Held },
  ): KeptCursor | undefined {
    const { name, from, rewind } = options;
    const { plugin } = subscriber;
    return this.#log?.open({
      pattern,
      key: plugin === undefined ? undefined : { plugin, ...(name === undefined ? {} : { name }) },
      from,
      rewind,
      startedFor: held.startedFor,
      take: (batch) => subscriber.takeKept(batch),
    });
  }

  #findRetained(
    pattern: string,
    { from }: ListenOptions,
    { held, isNew }: { held: Held; isNew: boolean },
  ): PublishedEvent[] {
    if (from !== "retained" || held.hasRetained) return [];
    const waiting = new Set(held.continued?.waiting.map(({ event }) => event));
    const inMemory = [...this.#retained.values()].filter((event) =>
      matchesTopic(pattern, event.topic) && !held.events.includes(event) && !waiting.has(event)
    );
    const kept = isNew ? this.#log?.retained(pattern) ?? [] : [];
    const startedFor = held.startedFor ?? Infinity;
    return [...inMemory, ...kept.filter((event) => event.kept!.position < startedFor)];
  }

  #tellWatchers(event: PublishedEvent): void {
    for (const onEvent of this.#watchers.match(event.topic)) onEvent(event);
  }
}

function tooLargeToRetain(topic: string): CordonError {
  return new CordonError(
    "too_large",
    `Cannot publish "${topic}": a value that is retained holds ${MAX_RETAINED_BYTES} bytes at most`,
    { hint: 'Have it kept, by delivery = "at-least-once" in [events.topics] of the manifest' },
  );
}

function tooSlow(pattern: string, length: number): CordonError {
  return new CordonError(
    "subscriber_too_slow",
    `Cannot go on with "${pattern}": more than ${length} events, or ${MAX_QUEUE_BYTES} bytes, wait for it`,
    { hint: "Subscribe again, with a longer queue or another rule" },
  );
}
