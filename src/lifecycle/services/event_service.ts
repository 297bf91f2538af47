/**
 * Events that a plugin publishes and listens to, as its manifest declares.
 *
 * @module
 */

import type { Delivery, EventBus, Subscription } from "../../bus/event_bus.ts";
import { isTopic } from "../../bus/topic.ts";
import { CordonError } from "../../errors.ts";
import type { Manifest } from "../../manifest/manifest.ts";
import type { CallLink } from "../call_link.ts";
import type { EventObserver } from "../call_observer.ts";
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
  /** Hands the plugin an event. */
  readonly deliver: (subscription: number, delivery: Delivery) => Promise<void>;
  /** Notes what it does not get. */
  readonly refusals: Refusals;
}

/** The events of one plugin. */
export class EventService implements Service {
  readonly #context: EventServiceContext;
  readonly #subscriptions = new Map<number, Subscription>();

  readonly handlers: Service["handlers"] = {
    publish: ([topic, value], { within }) => this.#publish(topic, value, within),
    subscribe: ([id, pattern]) => this.#subscribe(id, pattern),
    unsubscribe: ([id]) => this.#unsubscribe(id),
  };

  /** @param context What it reaches. */
  constructor(context: EventServiceContext) {
    this.#context = context;
  }

  /** Ends the plugin's subscriptions. */
  [Symbol.dispose](): void {
    for (const subscription of this.#subscriptions.values()) subscription[Symbol.dispose]();
    this.#subscriptions.clear();
  }

  #publish(topic: unknown, value: unknown, within: number | undefined): null {
    const { manifest, events, refusals, telemetry, linkOf } = this.#context;
    const name = asName(topic);
    if (!isTopic(name) || !manifest.events.publishes.includes(name)) {
      refusals.refuse(`Cannot publish "${name}": the manifest does not name it under events.publishes`);
    }
    const trace = telemetry.publish({ topic: name, publisher: manifest.id, trace: linkOf(within)?.trace });
    events.publish(name, value, manifest.id, trace);
    return null;
  }

  #subscribe(id: unknown, pattern: unknown): null {
    const { manifest, events, refusals } = this.#context;
    const name = asName(pattern);
    if (!manifest.events.subscribes.includes(name)) {
      refusals.refuse(`Cannot subscribe to "${name}": the manifest does not name it under events.subscribes`);
    }
    if (typeof id !== "number" || !Number.isSafeInteger(id) || this.#subscriptions.has(id)) {
      throw new CordonError("invalid_input", "Cannot subscribe: the subscription has no id of its own");
    }
    if (this.#subscriptions.size >= MAX_SUBSCRIPTIONS) {
      throw new CordonError(
        "too_many_subscriptions",
        `Cannot subscribe: ${MAX_SUBSCRIPTIONS} subscriptions are open`,
      );
    }
    const deliver = (delivery: Delivery) => this.#context.deliver(id, delivery);
    this.#subscriptions.set(id, events.subscribe(name, deliver));
    return null;
  }

  #unsubscribe(id: unknown): null {
    this.#subscriptions.get(id as number)?.[Symbol.dispose]();
    this.#subscriptions.delete(id as number);
    return null;
  }
}
