/**
 * Events as an async iterable, for subscribers outside the plugins.
 *
 * @module
 */

import type { Delivery, EventBus } from "./event_bus.ts";

/** An event as a subscriber outside the plugins sees it. */
export interface HostEvent {
  /** Its topic. */
  readonly topic: string;
  /** Its value. */
  readonly value: unknown;
  /** Id of the publishing plugin, or `host`. */
  readonly publisher: string;
  /** Events missed just before this one. */
  readonly missed: number;
  /** The W3C trace context in which it was published. */
  readonly traceparent?: string;
}

/** Follows a topic or pattern, from this call on, until `signal` aborts. */
export function followEvents(
  events: EventBus,
  pattern: string,
  { signal }: { signal?: AbortSignal },
): AsyncGenerator<HostEvent> {
  const queue: { delivery: Delivery; taken: () => void }[] = [];
  let wake = Promise.withResolvers<void>();
  let isEnded = false;
  const subscription = events.subscribe(pattern, (delivery) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    queue.push({ delivery, taken: resolve });
    wake.resolve();
    return promise;
  });
  const end = () => {
    isEnded = true;
    subscription[Symbol.dispose]();
    signal?.removeEventListener("abort", end);
    wake.resolve();
  };
  signal?.addEventListener("abort", end, { once: true });
  if (signal?.aborted) end();

  async function* read(): AsyncGenerator<HostEvent> {
    try {
      while (!isEnded) {
        const next = queue.shift();
        if (next !== undefined) {
          next.taken();
          yield { ...next.delivery.origin, value: next.delivery.value };
          continue;
        }
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
