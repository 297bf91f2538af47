/**
 * `ctx.events`: subscriptions and the events delivered to them.
 *
 * @module
 */

import type { CallContext } from "../../rpc/incoming_call.ts";
import type { EventHandler, EventOrigin, PluginEvents } from "../../sdk/context.ts";
import { currentRequest, takeEvent } from "./current_call.ts";
import type { Host, ScopePart } from "./scope_part.ts";

interface Subscription {
  readonly handler: EventHandler;
  /** While events are being taken: ends when all delivered so far are, so that they stay in order. */
  tail: Promise<void> | undefined;
}

/** A plugin's events. */
export class EventScope implements ScopePart {
  readonly #host: Host;
  readonly #subscriptions = new Map<number, Subscription>();
  #nextId = 0;

  readonly handlers: NonNullable<ScopePart["handlers"]> = {
    event: (params, context) => this.#deliver(params, context),
  };

  /** @param host The host. */
  constructor(host: Host) {
    this.#host = host;
  }

  /** Makes the part of the context; `declared` are the patterns that the manifest allows to listen to. */
  open(declared: readonly string[]): PluginEvents {
    return Object.freeze({
      on: (pattern: string, handler: EventHandler) => this.#subscribe(pattern, handler, declared),
      publish: async (topic: string, value?: unknown) =>
        void await this.#host.call("publish", [topic, value ?? null], { within: currentRequest() }),
    });
  }

  /** Drops all subscriptions. */
  close(): void {
    this.#subscriptions.clear();
  }

  /** Hands an event to its subscriber; settles when the subscriber has taken it. */
  #deliver(params: readonly unknown[], context: CallContext): Promise<void> {
    const [id, value, origin] = params as [number, unknown, EventOrigin];
    const subscription = this.#subscriptions.get(id);
    if (subscription === undefined) return Promise.resolve();
    const take = async () => await takeEvent(context, () => subscription.handler(value, origin));
    // Taken at once where nothing is before it: a call that follows finds it done.
    const taken = subscription.tail === undefined ? take() : subscription.tail.then(take);
    // The next event comes even when this one fails; the host is told of the failure.
    const tail = taken.catch(() => {}).then(() => {
      if (subscription.tail === tail) subscription.tail = undefined;
    });
    subscription.tail = tail;
    return taken;
  }

  #subscribe(pattern: string, handler: EventHandler, declared: readonly string[]): () => void {
    if (!declared.includes(pattern)) {
      throw new TypeError(
        `Cannot subscribe to "${pattern}": the manifest does not name it under events.subscribes`,
      );
    }
    if (typeof handler !== "function") {
      throw new TypeError(`Cannot subscribe to "${pattern}": the handler is no function`);
    }
    const id = this.#nextId++;
    this.#subscriptions.set(id, { handler, tail: undefined });
    this.#host.call("subscribe", [id, pattern]).catch(() => this.#subscriptions.delete(id));
    return () => {
      // The host may be gone; then so is the subscription.
      if (this.#subscriptions.delete(id)) this.#host.call("unsubscribe", [id]).catch(() => {});
    };
  }
}
