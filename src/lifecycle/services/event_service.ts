/**
 * Events that a plugin publishes and listens to, as its manifest declares.
 *
 * @module
 */

import {
  type BusPublishOptions,
  type EventBus,
  type Held,
  MAX_QUEUE_BYTES,
  type Subscriber,
  type Subscription,
} from "../../bus/event_bus.ts";
import { QueueBudget } from "../../bus/event_queue.ts";
import { parseListenOptions } from "../../bus/listen_options.ts";
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
  /** Notes what it does not get. */
  readonly refusals: Refusals;
}

/** The events of one plugin. */
export class EventService implements Service {
  readonly #context: EventServiceContext;
  readonly #subscriptions = new Map<number, Subscription>();
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

  /** Ends the plugin's subscriptions; the positions that are kept stay. */
  [Symbol.dispose](): void {
    this.#isOver = true;
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
    const { events, held, refusals } = this.#context;
    const name = asName(pattern);
    if (!this.#patterns.has(name)) {
      refusals.refuse(`Cannot subscribe to "${name}": the manifest does not name it under events.subscribes`);
    }
    if (typeof id !== "number" || !Number.isSafeInteger(id) || this.#subscriptions.has(id)) {
      throw new CordonError("invalid_input", "Cannot subscribe: the subscription has no id of its own");
    }
    if (this.#isOver) throw new CordonError("not_running", "Cannot subscribe: the plugin is being stopped");
    try {
      if (this.#subscriptions.size >= MAX_SUBSCRIPTIONS) {
        throw new CordonError(
          "too_many_subscriptions",
          `Cannot subscribe: ${MAX_SUBSCRIPTIONS} subscriptions are open`,
        );
      }
      const subscriber = this.#createSubscriber(id);
      this.#subscriptions.set(id, events.subscribe(name, subscriber, parseListenOptions(options), held()));
      return null;
    } catch (error) {
      throw this.#noteFailure(error);
    }
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
