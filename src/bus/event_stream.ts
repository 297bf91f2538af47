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
}

/** Follows a topic or pattern until `signal` aborts. */
export async function* followEvents(
  events: EventBus,
  pattern: string,
  { signal }: { signal?: AbortSignal },
): AsyncGenerator<HostEvent> {
  const queue: { delivery: Delivery; taken: () => void }[] = [];
  let wake = Promise.withResolvers<void>();
  using _subscription = events.subscribe(pattern, (delivery) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    queue.push({ delivery, taken: resolve });
    wake.resolve();
    return promise;
  });
  const onAbort = () => wake.resolve();
  signal?.addEventListener("abort", onAbort);
  try {
    while (!signal?.aborted) {
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
    signal?.removeEventListener("abort", onAbort);
  }
}
