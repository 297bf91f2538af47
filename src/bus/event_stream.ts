/**
 * Events as an async iterable, for subscribers outside the plugins.
 *
 * @module
 */

import type { CordonError } from "../errors.ts";
import type { EventOrigin, SubscribeOptions } from "../sdk/events.ts";
import type { EventBus } from "./event_bus.ts";
import { parseListenOptions } from "./listen_options.ts";
import type { Delivery } from "./published_event.ts";

/** An event as a subscriber outside the plugins sees it. */
export interface HostEvent extends EventOrigin {
  /** Its value. */
  readonly value: unknown;
}

/**
 * Follows a topic or pattern, from this call on, until `signal` aborts.
 *
 * @throws {CordonError} `invalid_input`, or `not_durable` where there is nothing to replay.
 */
export function followEvents(
  events: Pick<EventBus, "subscribe">,
  pattern: string,
  { signal, ...options }: SubscribeOptions & { signal?: AbortSignal },
): AsyncGenerator<HostEvent> {
  const waiting: { delivery: Delivery; taken: () => void }[] = [];
  let wake = Promise.withResolvers<void>();
  let isEnded = false;
  let failure: CordonError | undefined;
  const take = (batch: readonly Delivery[]) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    for (const [index, delivery] of batch.entries()) {
      waiting.push({ delivery, taken: index === batch.length - 1 ? resolve : () => {} });
    }
    wake.resolve();
    return promise;
  };
  const subscription = events.subscribe(pattern, {
    take,
    takeKept: async (batch) => {
      await take(batch);
      return { taken: batch.length };
    },
    onEnd(error) {
      failure = error;
      wake.resolve();
    },
  }, parseListenOptions(options));
  const end = () => {
    isEnded = true;
    subscription.end();
    signal?.removeEventListener("abort", end);
    wake.resolve();
  };
  signal?.addEventListener("abort", end, { once: true });
  if (signal?.aborted) end();

  async function* read(): AsyncGenerator<HostEvent> {
    try {
      while (!isEnded) {
        const next = waiting.shift();
        if (next !== undefined) {
          next.taken();
          const { event } = next.delivery;
          yield { ...event.originFor(next.delivery), value: event.value.decode() };
          continue;
        }
        if (failure !== undefined) throw failure;
        await wake.promise;
        wake = Promise.withResolvers();
      }
    } finally {
      end();
    }
  }
  const iterator = read();
  const giveBack = iterator.return.bind(iterator);
  // A generator that was never asked for anything, or waits for an event, would not end by itself.
  return Object.assign(iterator, {
    return(value: unknown) {
      end();
      return giveBack(value);
    },
  });
}
