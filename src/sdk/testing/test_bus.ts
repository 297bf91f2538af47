/**
 * The bus of a test: it keeps what the plugin publishes, and whoever publishes
 * for the test learns what became of the event.
 *
 * @module
 */

import { EventBus, type Subscription } from "../../bus/event_bus.ts";
import type { Delivery, PublishedEvent as BusEvent } from "../../bus/published_event.ts";
import { matchesTopic } from "../../bus/topic.ts";

/** Events of a test under way at once: no more than a bus hands to one subscriber without queueing. */
const MAX_UNDER_WAY = 64;

/** How long an event of a test waits for a subscription with the rule `block`, as one of the host does. */
const WAIT_MS = 5_000;

/** An event that the plugin published. */
export interface PublishedEvent {
  /** Its topic. */
  readonly topic: string;
  /** Its value, as a subscriber would get it. */
  readonly value: unknown;
}

/** Where an event came from, for a plugin that is told of it by a test. */
export interface PublishOrigin {
  /** Id of the publishing plugin. @default {"host"} */
  readonly publisher?: string;
  /** Events that its subscribers missed just before. @default {0} */
  readonly missed?: number;
}

/** One event of the test, while the bus hands it on. */
interface Publication {
  readonly missed: number;
  /** Subscriptions that have not had it yet. */
  readonly awaited: Set<Listener>;
  readonly errors: unknown[];
  readonly done: PromiseWithResolvers<void>;
}

/** A subscription of the plugin. */
interface Listener {
  readonly pattern: string;
}

/** Carries events. */
export class TestBus extends EventBus {
  /** Events the plugin published, oldest first. */
  readonly published: PublishedEvent[] = [];
  readonly #listeners = new Set<Listener>();
  /** What came of events: those of the test, and undefined for the plugin's own. */
  readonly #publications = new WeakMap<BusEvent, Publication | undefined>();
  readonly #open = new Set<Publication>();
  #current: Publication | undefined;
  #underWay = 0;
  readonly #waiting: (() => void)[] = [];

  constructor() {
    super();
    this.watch("**", (event) => void this.#publications.set(event, this.#current));
  }

  /** Hands on an event of the plugin. */
  override publish(...event: Parameters<EventBus["publish"]>): Promise<void> | undefined {
    const [topic, value] = event;
    this.published.push({ topic, value });
    return super.publish(...event);
  }

  /** Subscribes for the plugin. */
  override subscribe(
    ...[pattern, subscriber, ...options]: Parameters<EventBus["subscribe"]>
  ): Subscription {
    const listener: Listener = { pattern };
    const close = () => {
      this.#listeners.delete(listener);
      for (const publication of this.#open) release(publication, listener);
    };
    const subscription = super.subscribe(pattern, {
      ...subscriber,
      take: async (batch) => {
        const publications = batch.map(({ event }) => this.#publicationOf(event));
        await subscriber.take(batch);
        for (const publication of publications) release(publication, listener);
      },
      onDrop: (event) => release(this.#publicationOf(event), listener),
      onEnd: (error) => {
        close();
        subscriber.onEnd?.(error);
      },
    }, ...options);
    this.#listeners.add(listener);
    return {
      get dropped() {
        return subscription.dropped;
      },
      pause: () => subscription.pause(),
      resume: () => subscription.resume(),
      leave() {
        close();
        return subscription.leave();
      },
      end() {
        subscription.end();
        close();
      },
      [Symbol.dispose]() {
        subscription[Symbol.dispose]();
        close();
      },
    };
  }

  /**
   * Hands on an event of the test; settles when everyone has taken it, or misses it.
   *
   * @throws {unknown} What a handler threw, or an `AggregateError` of several.
   */
  async publishForTest(
    topic: string,
    value: unknown,
    { publisher = "host", missed = 0 }: PublishOrigin,
  ): Promise<void> {
    if (this.#underWay < MAX_UNDER_WAY) this.#underWay++;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      const errors = await this.#handOn([topic, value, publisher, { waitMs: WAIT_MS }], missed);
      if (errors.length > 1) {
        throw new AggregateError(errors, `${errors.length} handlers of "${topic}" failed`);
      }
      if (errors.length === 1) throw errors[0];
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#underWay--;
      else next();
    }
  }

  /** What a delivery is shown with: a test may say what was missed before. */
  show(delivery: Delivery): Delivery {
    const { missed = 0 } = this.#publicationOf(delivery.event) ?? {};
    return missed === 0 ? delivery : { ...delivery, missed: delivery.missed + missed };
  }

  /**
   * Notes that a delivery failed.
   *
   * @returns Whether somebody of the test waits for it.
   */
  fail({ event }: Delivery, error: unknown): boolean {
    const publication = this.#publicationOf(event);
    publication?.errors.push(error);
    return publication !== undefined;
  }

  /** The test's own event, also before the bus has named it. */
  #publicationOf(event: BusEvent): Publication | undefined {
    if (!this.#publications.has(event)) this.#publications.set(event, this.#current);
    return this.#publications.get(event);
  }

  async #handOn(event: Parameters<EventBus["publish"]>, missed: number): Promise<readonly unknown[]> {
    const awaited = new Set(
      this.#listeners.values().filter(({ pattern }) => matchesTopic(pattern, event[0])),
    );
    const publication: Publication = { missed, awaited, errors: [], done: Promise.withResolvers() };
    if (awaited.size === 0) publication.done.resolve();
    this.#open.add(publication);
    try {
      this.#current = publication;
      try {
        super.publish(...event);
      } finally {
        this.#current = undefined;
      }
      await publication.done.promise;
    } finally {
      this.#open.delete(publication);
    }
    return publication.errors;
  }
}

/** A subscription has had an event, or will not have it. */
function release(publication: Publication | undefined, listener: Listener): void {
  if (publication?.awaited.delete(listener) && publication.awaited.size === 0) publication.done.resolve();
}
