/**
 * Events from publishers to subscribers. Each subscriber has a bounded queue
 * of its own: when it is full the oldest event is dropped and counted, so that
 * a slow subscriber costs nobody else anything.
 *
 * @module
 */

import { matchesTopic } from "./topic.ts";

/** Events that wait for one subscriber at most. */
export const MAX_QUEUED_EVENTS = 1024;

/** Events handed to one subscriber whose taking is not yet confirmed. */
const WINDOW = 64;

/** What a subscriber learns with an event. */
export interface Delivery {
  /** The event. */
  readonly value: unknown;
  /** Where it came from. */
  readonly origin: {
    readonly topic: string;
    readonly publisher: string;
    readonly missed: number;
    /** The W3C trace context in which it was published. */
    readonly traceparent?: string;
  };
}

/** Takes one event; settles when it is taken. */
export type Deliver = (delivery: Delivery) => Promise<void>;

/** A subscription; disposing it ends it. */
export interface Subscription extends Disposable {
  /** Events dropped because the queue was full. */
  readonly dropped: number;
}

/** Carries events. */
export class EventBus {
  readonly #exact = new Map<string, Set<Queue>>();
  readonly #patterns = new Map<string, Set<Queue>>();

  /** Hands an event to everyone whose pattern matches. */
  publish(topic: string, value: unknown, publisher: string, traceparent?: string): void {
    const event = { topic, value, publisher, traceparent };
    for (const queue of this.#exact.get(topic) ?? []) queue.push(event);
    for (const [pattern, queues] of this.#patterns) {
      if (!matchesTopic(pattern, topic)) continue;
      for (const queue of queues) queue.push(event);
    }
  }

  /** Subscribes to a topic or pattern. */
  subscribe(pattern: string, deliver: Deliver): Subscription {
    const queue = new Queue(deliver);
    const table = pattern.includes("*") ? this.#patterns : this.#exact;
    const queues = table.get(pattern) ?? new Set();
    table.set(pattern, queues.add(queue));
    return {
      get dropped() {
        return queue.dropped;
      },
      [Symbol.dispose]() {
        queue.close();
        queues.delete(queue);
        // Disposed twice, it must not take along those who came after the first time.
        if (queues.size === 0 && table.get(pattern) === queues) table.delete(pattern);
      },
    };
  }
}

interface QueuedEvent {
  readonly topic: string;
  readonly value: unknown;
  readonly publisher: string;
  readonly traceparent: string | undefined;
}

class Queue {
  readonly #deliver: Deliver;
  #events: QueuedEvent[] = [];
  #inFlight = 0;
  #missed = 0;
  #isClosed = false;
  dropped = 0;

  constructor(deliver: Deliver) {
    this.#deliver = deliver;
  }

  push(event: QueuedEvent): void {
    if (this.#events.length >= MAX_QUEUED_EVENTS) {
      this.#events.shift();
      this.#missed++;
      this.dropped++;
    }
    this.#events.push(event);
    this.#advance();
  }

  close(): void {
    this.#isClosed = true;
    this.#events = [];
  }

  #advance(): void {
    while (!this.#isClosed && this.#inFlight < WINDOW && this.#events.length > 0) {
      const { topic, value, publisher, traceparent } = this.#events.shift()!;
      const missed = this.#missed;
      this.#missed = 0;
      this.#inFlight++;
      const done = () => {
        this.#inFlight--;
        this.#advance();
      };
      // A subscriber that fails has had its event; whoever delivers reports it.
      const origin = { topic, publisher, missed, ...(traceparent === undefined ? {} : { traceparent }) };
      this.#deliver({ value, origin }).then(done, done);
    }
  }
}
