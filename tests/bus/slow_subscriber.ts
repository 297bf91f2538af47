/**
 * A subscriber that takes events only when it is told to.
 *
 * @module
 */

import type { Subscriber } from "../../src/bus/event_bus.ts";
import type { Delivery } from "../../src/bus/published_event.ts";
import type { CordonError } from "../../src/errors.ts";

/** Takes batches when it is told to. */
export class SlowSubscriber implements Subscriber {
  readonly plugin: string | undefined;
  readonly deliveries: Delivery[] = [];
  readonly errors: CordonError[] = [];
  readonly #gates: (() => void)[] = [];

  constructor(plugin?: string) {
    this.plugin = plugin;
  }

  take(batch: readonly Delivery[]): Promise<void> {
    this.deliveries.push(...batch);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#gates.push(resolve);
    return promise;
  }

  async takeKept(batch: readonly Delivery[]): Promise<{ taken: number }> {
    await this.take(batch);
    return { taken: batch.length };
  }

  onEnd(error: CordonError): void {
    this.errors.push(error);
  }

  /** Values and what was missed before each. */
  get heard(): [unknown, number][] {
    return this.deliveries.map(({ event, missed }) => [event.value.decode(), missed]);
  }

  get values(): unknown[] {
    return this.heard.map(([value]) => value);
  }

  /** Takes the oldest batches that it has not taken. */
  async takeSome(count = 1): Promise<void> {
    for (const resolve of this.#gates.splice(0, count)) resolve();
    for (let turn = 0; turn < 8; turn++) await Promise.resolve();
  }

  /** Takes everything, until nothing more comes. */
  async takeAll(): Promise<void> {
    while (this.#gates.length > 0) await this.takeSome(this.#gates.length);
  }
}

/** A subscriber that takes everything at once. */
export function quickSubscriber(
  onDelivery: (delivery: Delivery) => void,
  plugin?: string,
): Subscriber {
  const take = (batch: readonly Delivery[]) => Promise.resolve(batch.forEach(onDelivery));
  return {
    plugin,
    take,
    takeKept: async (batch) => {
      await take(batch);
      return { taken: batch.length };
    },
  };
}
