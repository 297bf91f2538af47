/**
 * Hands one plugin its events, as soon as it runs: several in one message, and
 * what it answers is checked.
 *
 * @module
 */

import type { KeptReply } from "../../bus/event_cursor.ts";
import type { Delivery } from "../../bus/published_event.ts";
import { CordonError, errorMessage } from "../../errors.ts";
import { sanitizeText } from "../../internal/sanitize_text.ts";
import type { EventsReply, EventsRequest } from "../../rpc/protocol.ts";
import { clipText } from "../../rpc/remote_error.ts";
import type { EventObserver } from "../telemetry/call_observer.ts";
import type { PluginInstance } from "../instance.ts";

/** Failures of one batch that are reported. */
const MAX_REPORTED = 8;

/** What the delivery needs. */
export interface EventDeliveryContext {
  /** The plugin, once it runs. */
  readonly running: Promise<Pick<PluginInstance, "deliver" | "endSubscription">>;
  /** Longest time for a kept event to be taken. */
  readonly timeoutMs: number;
  /** Whether the plugin is being stopped, by somebody who has nothing against it. */
  readonly isStopping: () => boolean;
  /** Id of the plugin. */
  readonly subscriber: string;
  /** Watches each event on its way. */
  readonly observer: Pick<EventObserver, "deliver">;
  /** Tells the plugin's author. */
  readonly print: (line: string) => void;
}

/** The way of events into one plugin. */
export class EventDelivery {
  readonly #context: EventDeliveryContext;
  #instance: Awaited<EventDeliveryContext["running"]> | undefined;

  /** @param context What it needs. */
  constructor(context: EventDeliveryContext) {
    this.#context = context;
    context.running.then((instance) => this.#instance = instance, () => {
      // It did not start, of which whoever started it hears.
    });
  }

  /** Hands events over; settles when they are taken, however that went. */
  async take(subscription: number, batch: readonly Delivery[]): Promise<void> {
    try {
      const { errors } = await this.send(subscription, batch);
      for (const [index, message] of errors) this.#report(batch[index]!, message);
    } catch (error) {
      if (!this.#context.isStopping()) this.#report(batch[0]!, errorMessage(error));
    }
  }

  /** Hands kept events over, up to the first that fails. */
  async takeKept(subscription: number, batch: readonly Delivery[]): Promise<KeptReply> {
    // A plugin that did not start has not failed at its events.
    if (this.#instance === undefined && !await this.#starts()) return { taken: 0, isGone: true };
    try {
      const { taken, errors } = await this.send(subscription, batch, this.#context.timeoutMs);
      if (taken === batch.length) return { taken };
      const error = errors.find(([index]) => index === taken)?.[1] ?? "it was not taken";
      this.#report(batch[taken]!, error);
      return { taken, error };
    } catch (error) {
      if (this.#context.isStopping()) return { taken: 0, isGone: true };
      throw error;
    }
  }

  /** Tells the plugin that a subscription has ended. */
  async end(subscription: number, error: CordonError): Promise<void> {
    try {
      (await this.#context.running).endSubscription(subscription, error);
    } catch {
      // It has ended too.
    }
  }

  /**
   * Hands events over.
   *
   * @param timeoutMs Longest time for each, where the batch ends at the first that fails.
   * @throws {CordonError} `protocol_violation`, or what the start or the connection failed with.
   */
  async send(
    subscription: number,
    batch: readonly Delivery[],
    timeoutMs: number | null = null,
  ): Promise<EventsReply> {
    // At once where that can be: a call that follows must not overtake the events.
    const instance = this.#instance ?? await this.#context.running;
    const { observer, subscriber } = this.#context;
    const observed = batch.map(({ event: { topic, traceparent: trace }, missed }) =>
      observer.deliver({ topic, subscriber, trace, missed })
    );
    try {
      const seen = batch.map((delivery, index) => ({ ...delivery, traceparent: observed[index]!.trace }));
      // What the plugin calls because of a batch belongs to the trace of its first event.
      const answer = instance.deliver([subscription, render(seen), timeoutMs], observed[0]?.trace);
      const reply = readReply(await answer, batch.length);
      const failed = new Map(reply.errors);
      for (const [index, one] of observed.entries()) one.end(failed.get(index));
      return reply;
    } catch (error) {
      for (const one of observed) one.end(error);
      throw error;
    }
  }

  async #starts(): Promise<boolean> {
    try {
      await this.#context.running;
      return true;
    } catch {
      return false;
    }
  }

  #report({ event }: Delivery, message: string): void {
    this.#context.print(`[cordon] event "${event.topic}" failed: ${sanitizeText(message)}`);
  }
}

/** A batch as it travels: JSON that was made once for all, or values where there are bytes in them. */
function render(batch: readonly Delivery[]): EventsRequest[1] {
  if (batch.every(({ event }) => event.value.text !== undefined)) {
    return `[${batch.map((delivery) => delivery.event.render(delivery)).join(",")}]`;
  }
  return batch.map((delivery) =>
    [delivery.event.value.decode(), delivery.event.originFor(delivery)] as const
  );
}

/** What a plugin answered, as far as it makes sense. */
function readReply(reply: unknown, count: number): EventsReply {
  const { taken, errors = [] } = (reply ?? {}) as Partial<EventsReply>;
  if (!Number.isSafeInteger(taken) || taken! < 0 || taken! > count || !Array.isArray(errors)) {
    throw new CordonError("protocol_violation", "Its sandbox did not say which events were taken");
  }
  const known = errors.slice(0, MAX_REPORTED).flatMap((error): EventsReply["errors"] => {
    const [index, message] = Array.isArray(error) ? error : [];
    const isKnown = Number.isSafeInteger(index) && index >= 0 && index < count && typeof message === "string";
    return isKnown ? [[index, clipText(message)]] : [];
  });
  return { taken: taken!, errors: known };
}
