/**
 * The way of events into a tested plugin: what a handler throws goes to the
 * test where it waits for that event, and else to the plugin's log.
 *
 * @module
 */

import type { KeptReply } from "../../bus/event_cursor.ts";
import type { Delivery } from "../../bus/published_event.ts";
import { CordonError, errorMessage } from "../../errors.ts";
import { EventDelivery, type EventDeliveryContext } from "../../lifecycle/events/event_delivery.ts";
import type { TestBus } from "./test_bus.ts";
import { TEST_TELEMETRY } from "./test_telemetry.ts";

/** What it needs. */
export interface TestDeliveryContext extends Pick<EventDeliveryContext, "running" | "print"> {
  readonly bus: TestBus;
}

/** Hands a tested plugin its events. */
export class TestDelivery {
  readonly #bus: TestBus;
  readonly #delivery: EventDelivery;
  readonly #print: (line: string) => void;

  /** @param context What it needs. */
  constructor({ bus, running, print }: TestDeliveryContext) {
    this.#bus = bus;
    this.#print = print;
    this.#delivery = new EventDelivery({
      running,
      print,
      subscriber: "test",
      observer: TEST_TELEMETRY,
      timeoutMs: Infinity,
      isStopping: () => false,
    });
  }

  /** Hands events over; settles when they are taken, however that went. */
  async take(subscription: number, batch: readonly Delivery[]): Promise<void> {
    const shown = batch.map((delivery) => this.#bus.show(delivery));
    const failed = new Map<number, unknown>();
    try {
      const { errors } = await this.#delivery.send(subscription, shown);
      for (const [index, message] of errors) failed.set(index, new CordonError("plugin_error", message));
    } catch (error) {
      for (const index of batch.keys()) failed.set(index, error);
    }
    for (const [index, delivery] of batch.entries()) {
      const error = failed.get(index);
      if (error === undefined || this.#bus.fail(delivery, error)) continue;
      this.#print(`[cordon] event "${delivery.event.topic}" failed: ${errorMessage(error)}`);
    }
  }

  /** A test keeps no events. */
  takeKept(_subscription: number, batch: readonly Delivery[]): Promise<KeptReply> {
    return Promise.resolve({ taken: batch.length });
  }

  /** Tells the plugin that a subscription has ended. */
  end(subscription: number, error: CordonError): Promise<void> {
    return this.#delivery.end(subscription, error);
  }
}
