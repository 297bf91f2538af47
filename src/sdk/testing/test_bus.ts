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
  left: number;
  readonly errors: unknown[];
  readonly done: PromiseWithResolvers<void>;
}

/** Carries events. */
export class TestBus extends EventBus {
  /** Events the plugin published, oldest first. */
  readonly published: PublishedEvent[] = [];
  /** Patterns of the subscriptions that are open. */
  readonly #open = new Map<Subscription, string>();
  readonly #publications = new WeakMap<BusEvent, Publication>();
  #current: Publication | undefined;
  #underWay = 0;
  readonly #waiting: (() => void)[] = [];

  constructor() {
    super();
    this.watch("**", (event) => {
      if (this.#current !== undefined) this.#publications.set(event, this.#current);
    });
  }

  /** Hands on an event of the plugin. */
  override publish(...event: Parameters<EventBus["publish"]>): Promise<void> | undefined {
    const [topic, value] = event;
    this.published.push({ topic, value });
    return super.publish(...event);
  }

  /** Subscribes for the plugin. */
  override subscribe(...args: Parameters<EventBus["subscribe"]>): Subscription {
    const subscription = super.subscribe(...args);
    const end = () => void this.#open.delete(kept);
    const kept: Subscription = {
      get dropped() {
        return subscription.dropped;
      },
      end() {
        end();
        subscription.end();
      },
      [Symbol.dispose]() {
        end();
        subscription[Symbol.dispose]();
      },
    };
    this.#open.set(kept, args[0]);
    return kept;
  }

  /**
   * Hands on an event of the test; settles when everyone has taken it.
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
      const errors = await this.#handOn([topic, value, publisher], missed);
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

  /** What a delivery is shown with: a test says itself what was missed. */
  show(delivery: Delivery): Delivery {
    const publication = this.#publicationOf(delivery.event);
    return publication === undefined ? delivery : { ...delivery, missed: publication.missed };
  }

  /**
   * Notes what became of a delivery.
   *
   * @returns Whether somebody of the test waits for it.
   */
  settle({ event }: Delivery, error?: unknown): boolean {
    const publication = this.#publicationOf(event);
    if (publication === undefined) return false;
    if (error !== undefined) publication.errors.push(error);
    if (--publication.left === 0) publication.done.resolve();
    return true;
  }

  /** The test's own event, also before the bus has named it. */
  #publicationOf(event: BusEvent): Publication | undefined {
    const known = this.#publications.get(event);
    if (known !== undefined || this.#current === undefined) return known;
    this.#publications.set(event, this.#current);
    return this.#current;
  }

  async #handOn(event: Parameters<EventBus["publish"]>, missed: number): Promise<readonly unknown[]> {
    const left = [...this.#open.values()].filter((pattern) => matchesTopic(pattern, event[0])).length;
    const publication: Publication = { missed, left, errors: [], done: Promise.withResolvers() };
    this.#current = publication;
    try {
      super.publish(...event);
    } finally {
      this.#current = undefined;
    }
    if (left > 0) await publication.done.promise;
    return publication.errors;
  }
}
