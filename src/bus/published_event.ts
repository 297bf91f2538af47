/**
 * An event on its way, and what a subscriber learns with it.
 *
 * @module
 */

import type { EventOrigin } from "../sdk/events.ts";
import type { EventValue } from "./event_value.ts";

/** What one subscriber is told beside the event. */
export interface Circumstance {
  /** Events it missed just before. */
  readonly missed: number;
  /** Which time it gets a kept event. */
  readonly attempt?: number;
  /** Whether it is the last one of before it subscribed. */
  readonly isRetained?: boolean;
  /** W3C `traceparent` of its delivery. @default {that of the event} */
  readonly traceparent?: string;
}

/** One event for one subscriber. */
export interface Delivery extends Circumstance {
  /** The event. */
  readonly event: PublishedEvent;
}

/** What is known of an event from the first. */
export interface EventFacts {
  /** Its topic. */
  readonly topic: string;
  /** Id of the publishing plugin, or `host`. */
  readonly publisher: string;
  /** Its value. */
  readonly value: EventValue;
  /** W3C `traceparent` of what published it, if there was one. */
  readonly traceparent?: string | undefined;
  /** Where it stands among the kept events, if it is kept. */
  readonly kept?: { readonly position: number; readonly time: number };
}

/** An event that was published. */
export class PublishedEvent {
  /** Its topic. */
  readonly topic: string;
  /** Id of the publishing plugin, or `host`. */
  readonly publisher: string;
  /** Its value. */
  readonly value: EventValue;
  /** W3C `traceparent` of what published it, if there was one. */
  readonly traceparent: string | undefined;
  /** Where it stands among the kept events, if it is kept. */
  readonly kept: EventFacts["kept"];
  /** As most subscribers get it. */
  #plain: string | undefined;

  /** @param facts What is known of it. */
  constructor({ topic, publisher, value, traceparent, kept }: EventFacts) {
    this.topic = topic;
    this.publisher = publisher;
    this.value = value;
    this.traceparent = traceparent;
    this.kept = kept;
  }

  /** Where it came from, for one subscriber. */
  originFor({ missed, attempt, isRetained, traceparent = this.traceparent }: Circumstance): EventOrigin {
    return {
      topic: this.topic,
      publisher: this.publisher,
      missed,
      ...this.kept,
      ...(attempt === undefined ? {} : { attempt }),
      ...(isRetained ? { retained: true } : {}),
      ...(traceparent === undefined ? {} : { traceparent }),
    };
  }

  /** Value and origin as JSON, made once for all whose circumstances are plain; only without bytes. */
  render(circumstance: Circumstance): string {
    const { traceparent = this.traceparent } = circumstance;
    const isPlain = circumstance.missed === 0 && traceparent === this.traceparent &&
      (circumstance.attempt ?? 1) === 1 &&
      !circumstance.isRetained && (circumstance.attempt !== undefined) === (this.kept !== undefined);
    if (isPlain && this.#plain !== undefined) return this.#plain;
    const text = `[${this.value.text},${JSON.stringify(this.originFor(circumstance))}]`;
    if (isPlain) this.#plain = text;
    return text;
  }
}
