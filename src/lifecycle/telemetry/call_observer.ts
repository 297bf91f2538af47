/**
 * Where calls and events are looked at on their way into plugins.
 *
 * @module
 */

/** A call that is under way. */
export interface ObservedCall extends ObservedDelivery {
  /** When it began, on the clock of `performance.now()`. */
  readonly beganAt: number;
}

/** A delivery that is under way. */
export interface ObservedDelivery {
  /** The `traceparent` that the plugin is to see. */
  readonly trace: string;
  /** Tells how it ended: with an error, or well. Told once. */
  end(error?: unknown): void;
}

/** A call that begins. */
export interface CallBeginning {
  /** The plugin that is called. */
  readonly callee: string;
  /** The plugin that calls, or `host`. */
  readonly caller: string;
  /** Name of the method. */
  readonly method: string;
  /** `traceparent` of whoever calls, as it came; what is none counts for nothing. */
  readonly trace: string | undefined;
}

/** Watches calls into plugins. */
export interface CallObserver {
  /** A call begins. */
  begin(call: CallBeginning): ObservedCall;
}

/** An event that is published. */
export interface EventBeginning {
  /** Its topic. */
  readonly topic: string;
  /** The plugin that publishes, or `host`. */
  readonly publisher: string;
  /** `traceparent` of whatever published it, as it came. */
  readonly trace: string | undefined;
}

/** An event that is handed to a plugin. */
export interface DeliveryBeginning {
  /** Its topic. */
  readonly topic: string;
  /** The plugin that subscribed. */
  readonly subscriber: string;
  /** `traceparent` of the event. */
  readonly trace: string | undefined;
  /** Events that were dropped before it. */
  readonly missed: number;
}

/** Watches events. */
export interface EventObserver {
  /** An event is published; returns the `traceparent` that goes with it. */
  publish(event: EventBeginning): string;
  /** An event is handed to a plugin. */
  deliver(delivery: DeliveryBeginning): ObservedDelivery;
}
