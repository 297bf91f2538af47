/**
 * The bus of a test: it keeps what the plugin publishes, and whoever publishes
 * for the test learns what became of the event.
 *
 * @module
 */

import { type Delivery, EventBus } from "../../bus/event_bus.ts";

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
  readonly deliveries: Promise<void>[];
}

/** Carries events. */
export class TestBus extends EventBus {
  /** Events the plugin published, oldest first. */
  readonly published: PublishedEvent[] = [];
  #current: Publication | undefined;
  #underWay = 0;
  readonly #waiting: (() => void)[] = [];

  /** Hands on an event of the plugin. */
  override publish(...event: Parameters<EventBus["publish"]>): void {
    const [topic, value] = event;
    this.published.push({ topic, value });
    super.publish(...event);
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
      const deliveries = this.#handOn({ missed, deliveries: [] }, [topic, value, publisher]);
      const results = await Promise.allSettled(deliveries);
      const errors = results.flatMap((result) => result.status === "rejected" ? [result.reason] : []);
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

  /**
   * Delivers an event by `deliver`; one of the test is noted with it.
   *
   * @param onFailure Told what a handler threw that nobody of the test waits for.
   */
  async take(
    delivery: Delivery,
    deliver: (delivery: Delivery) => Promise<void>,
    onFailure: (error: unknown) => void,
  ): Promise<void> {
    const publication = this.#current;
    if (publication === undefined) return await deliver(delivery).catch(onFailure);
    const { missed, deliveries } = publication;
    const taken = deliver({ ...delivery, origin: { ...delivery.origin, missed } });
    deliveries.push(taken);
    await taken;
  }

  #handOn(publication: Publication, event: Parameters<EventBus["publish"]>): readonly Promise<void>[] {
    this.#current = publication;
    try {
      super.publish(...event);
    } finally {
      this.#current = undefined;
    }
    return publication.deliveries;
  }
}
