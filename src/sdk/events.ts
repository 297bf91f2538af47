/**
 * What a plugin sees of events: `ctx.events`. Types only, erased before the
 * plugin runs.
 *
 * @module
 */

/** Where a delivered event came from. */
export interface EventOrigin {
  /** The topic it was published on. */
  readonly topic: string;
  /** Id of the publishing plugin, or `host`. */
  readonly publisher: string;
  /** Events this subscriber missed just before this one, because there was no room for them. */
  readonly missed: number;
  /** Where it stands among the events that are kept; missing for one that is not. */
  readonly position?: number;
  /** When it was kept, in milliseconds since 1970. */
  readonly time?: number;
  /** Which time this subscriber gets it, from 1; missing for an event that is not kept. */
  readonly attempt?: number;
  /** Whether it is the last event of before the subscription. */
  readonly retained?: true;
  /** W3C `traceparent` of the event: what published it, or its delivery where that is recorded. */
  readonly traceparent?: string;
}

/** Receives one event; a returned promise is awaited before the next one is delivered. */
export type EventHandler = (
  value: unknown,
  origin: EventOrigin,
) => void | Promise<void>;

/**
 * What happens to an event when the subscriber's queue is full: the oldest
 * that waits gives way, the new one is left out, its publisher waits for room,
 * or the subscription ends.
 */
export type Overflow = "drop-oldest" | "drop-newest" | "block" | "disconnect";

/**
 * Where a subscription begins. `retained`: with the last event of each topic
 * that retains it. `now`: with what is published from now on. The others need
 * a topic whose events are kept: `start`, the oldest; `position`, the one
 * there; `time`, the first since then, in milliseconds since 1970.
 */
export type EventStart =
  | "retained"
  | "now"
  | "start"
  | { readonly position: number }
  | { readonly time: number };

/** How a subscriber outside the plugins listens. */
export interface SubscribeOptions {
  /** What happens when the queue is full. @default {"drop-oldest"} */
  readonly overflow?: Overflow;
  /** Events that wait at most, 1 to 8192. @default {1024} */
  readonly queue?: number;
  /** Where it begins. @default {"retained"} */
  readonly from?: EventStart;
}

/** How a plugin listens. */
export interface EventOptions extends SubscribeOptions {
  /**
   * Tells two subscriptions to the same pattern apart, for the position that
   * is kept of each. @default {in the order in which they are made}
   */
  readonly name?: string;
  /** Whether it begins at `from` though a position is kept from before. @default {false} */
  readonly rewind?: boolean;
  /** Told when the subscription cannot be had, or ends by the rule `disconnect`; the error has a `code`. */
  readonly onEnd?: (error: Error) => void;
}

/** What may accompany an event that is published. */
export interface PublishOptions {
  /** Milliseconds until it fails with `deadline_exceeded`; how long it waits for subscribers with the rule `block`. */
  readonly timeoutMs?: number;
  /** Ends the waiting. */
  readonly signal?: AbortSignal;
}

/** Publishes and subscribes to the topics named under `[events]` of the manifest. */
export interface PluginEvents {
  /**
   * Subscribes to a topic pattern. `*` stands for one segment, a final `**`
   * for one or more: `clock.*` matches `clock.hour`. The returned function
   * unsubscribes; then no position is kept any more.
   */
  on(pattern: string, handler: EventHandler, options?: EventOptions): () => void;
  /**
   * Publishes a JSON-shaped value (with `Uint8Array` where bytes are meant), 1 MiB at most;
   * settles once the host has queued it, or kept it where the manifest says so.
   */
  publish(topic: string, value?: unknown, options?: PublishOptions): Promise<void>;
}
