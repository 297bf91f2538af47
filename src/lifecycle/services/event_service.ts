/**
 * Events that a plugin publishes and listens to, as its manifest declares.
 *
 * @module
 */

import {
  type BusPublishOptions,
  type Continued,
  type EventBus,
  type Held,
  MAX_QUEUE_BYTES,
  type Subscriber,
  type Subscription,
} from "../../bus/event_bus.ts";
import { QueueBudget } from "../../bus/event_queue.ts";
import { type ListenOptions, parseListenOptions } from "../../bus/listen_options.ts";
import { CordonError, errorMessage } from "../../errors.ts";
import type { Manifest } from "../../manifest/manifest.ts";
import type { CallLink } from "../call_link.ts";
import type { EventObserver } from "../telemetry/call_observer.ts";
import type { CallContext } from "../../rpc/incoming_call.ts";
import type { EventDelivery } from "../events/event_delivery.ts";
import { asName, type Refusals, type Service } from "./service.ts";

const MAX_SUBSCRIPTIONS = 256;

/** What it reaches. */
export interface EventServiceContext {
  /** The plugin's manifest. */
  readonly manifest: Manifest;
  /** Events. */
  readonly events: EventBus;
  /** Watches what it publishes. */
  readonly telemetry: Pick<EventObserver, "publish">;
  /** What the plugin is answering under an id. */
  readonly linkOf: (id: number | undefined) => CallLink | undefined;
  /** Hands the plugin its events. */
  readonly delivery: Pick<EventDelivery, "take" | "takeKept" | "end">;
  /** Events that the plugin was started for. */
  readonly held: () => Held;
  /** Whether it subscribes to nothing before it is told to begin. @default {false} */
  readonly waits?: boolean;
  /** Notes what it does not get. */
  readonly refusals: Refusals;
}

/** What a plugin subscribed to that has not begun. */
interface PlannedSubscription {
  readonly pattern: string;
  readonly options: ListenOptions;
}

/** The events of one plugin. */
export class EventService implements Service {
  readonly #context: EventServiceContext;
  readonly #subscriptions = new Map<number, Subscription>();
  /** What begins later; undefined when what is subscribed to begins at once. */
  #planned: Map<number, PlannedSubscription> | undefined;
  readonly #budget = new QueueBudget(MAX_QUEUE_BYTES);
  /** How the events of each topic are published that it may publish on. */
  readonly #topics: ReadonlyMap<string, BusPublishOptions>;
  readonly #patterns: ReadonlySet<string>;
  #isOver = false;

  readonly handlers: Service["handlers"] = {
    publish: ([topic, value], call) => this.#publish(topic, value, call),
    subscribe: ([id, pattern, options]) => this.#subscribe(id, pattern, options),
    unsubscribe: ([id]) => this.#unsubscribe(id),
  };

  /** @param context What it reaches. */
  constructor(context: EventServiceContext) {
    this.#context = context;
    if (context.waits) this.#planned = new Map();
    const { publishes, subscribes, topics } = context.manifest.events;
    this.#patterns = new Set(subscribes);
    this.#topics = new Map(publishes.map((topic) => {
      const { retain, keep } = Object.hasOwn(topics, topic)
        ? topics[topic]!
        : { retain: false, keep: undefined };
      if (keep !== undefined) context.events.declare(topic);
      return [topic, { retain, ...(keep === undefined ? {} : { keep: { ...keep, retain } }) }];
    }));
  }

  /** Hands the plugin nothing until it goes on; settles when what it was handed is taken. */
  async pause(): Promise<void> {
    await Promise.all([...this.#subscriptions.values()].map((subscription) => subscription.pause()));
  }

  /** Goes on. */
  resume(): void {
    for (const subscription of this.#subscriptions.values()) subscription.resume();
  }

  /** Ends the plugin's subscriptions; returns what waits in each, for another version of it. */
  leave(): Continued[] {
    this.#isOver = true;
    const left = [...this.#subscriptions.values()].map((subscription) => subscription.leave());
    this.#subscriptions.clear();
    return left;
  }

  /**
   * Begins what the plugin subscribed to; the first of a pattern goes on with the first that was left.
   *
   * @param left What another version of it left.
   * @param hasState Whether it knows what that was told.
   */
  begin(left: readonly Continued[] = [], hasState = false): void {
    const planned = this.#planned;
    this.#planned = undefined;
    const rest = [...left];
    for (const [id, { pattern, options }] of planned ?? []) {
      const index = rest.findIndex((other) => other.pattern === pattern);
      const [continued] = index === -1 ? [] : rest.splice(index, 1);
      try {
        this.#open(id, { pattern, options }, continued && { events: [], continued, hasRetained: hasState });
      } catch (error) {
        void this.#context.delivery.end(id, this.#noteFailure(error));
      }
    }
  }

  /** Ends the plugin's subscriptions; the positions that are kept stay. */
  [Symbol.dispose](): void {
    for (const subscription of this.#subscriptions.values()) subscription[Symbol.dispose]();
    this.#subscriptions.clear();
  }

  #publish(topic: unknown, value: unknown, call: CallContext): null | Promise<null> {
    const { manifest, events, refusals, telemetry, linkOf } = this.#context;
    const name = asName(topic);
    const options = this.#topics.get(name);
    if (options === undefined) {
      refusals.refuse(`Cannot publish "${name}": the manifest does not name it under events.publishes`);
    }
    const waitMs = Math.min(call.timeoutMs ?? Infinity, manifest.limits.callTimeoutMs);
    const trace = linkOf(call.within)?.trace;
    const traceparent = telemetry.publish({ topic: name, publisher: manifest.id, trace });
    try {
      const published = events.publish(name, value, manifest.id, { ...options, waitMs, traceparent });
      return published === undefined ? null : this.#publishLater(published);
    } catch (error) {
      throw this.#noteFailure(error);
    }
  }

  async #publishLater(published: Promise<void>): Promise<null> {
    try {
      await published;
      return null;
    } catch (error) {
      throw this.#noteFailure(error);
    }
  }

  #subscribe(id: unknown, pattern: unknown, options: unknown): null {
    const { refusals } = this.#context;
    const name = asName(pattern);
    if (!this.#patterns.has(name)) {
      refusals.refuse(`Cannot subscribe to "${name}": the manifest does not name it under events.subscribes`);
    }
    if (
      typeof id !== "number" || !Number.isSafeInteger(id) || this.#subscriptions.has(id) ||
      this.#planned?.has(id)
    ) {
      throw new CordonError("invalid_input", "Cannot subscribe: the subscription has no id of its own");
    }
    if (this.#isOver) throw new CordonError("not_running", "Cannot subscribe: the plugin is being stopped");
    try {
      if (this.#subscriptions.size + (this.#planned?.size ?? 0) >= MAX_SUBSCRIPTIONS) {
        throw new CordonError(
          "too_many_subscriptions",
          `Cannot subscribe: ${MAX_SUBSCRIPTIONS} subscriptions are open`,
        );
      }
      const wanted = { pattern: name, options: parseListenOptions(options) };
      if (this.#planned === undefined) this.#open(id, wanted);
      else this.#planned.set(id, wanted);
      return null;
    } catch (error) {
      throw this.#noteFailure(error);
    }
  }

  #open(
    id: number,
    { pattern, options }: PlannedSubscription,
    held: Held = this.#context.held(),
  ): void {
    const subscription = this.#context.events.subscribe(pattern, this.#createSubscriber(id), options, held);
    this.#subscriptions.set(id, subscription);
  }

  #createSubscriber(id: number): Subscriber {
    const { delivery, manifest } = this.#context;
    return {
      plugin: manifest.id,
      budget: this.#budget,
      take: (batch) => delivery.take(id, batch),
      takeKept: (batch) => delivery.takeKept(id, batch),
      onEnd: (error) => {
        this.#subscriptions.delete(id);
        void delivery.end(id, error);
      },
    };
  }

  #unsubscribe(id: unknown): null {
    this.#planned?.delete(id as number);
    this.#subscriptions.get(id as number)?.end();
    this.#subscriptions.delete(id as number);
    return null;
  }

  /** What cannot be published or listened to goes to the journal, whoever is to blame. */
  #noteFailure(error: unknown): CordonError {
    return this.#context.refusals.note(
      error instanceof CordonError
        ? error
        : new CordonError("invalid_input", errorMessage(error), { cause: error }),
    );
  }
}
