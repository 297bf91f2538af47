/**
 * `ctx.events`: subscriptions and the events delivered to them.
 *
 * @module
 */

import { CordonError, errorMessage } from "../../errors.ts";
import type { CallContext } from "../../rpc/incoming_call.ts";
import type { EventsReply, EventsRequest } from "../../rpc/protocol.ts";
import type { EventHandler, EventOptions, EventOrigin, PluginEvents } from "../../sdk/events.ts";
import { currentRequest, takeEvent } from "./current_call.ts";
import type { Host, ScopePart } from "./scope_part.ts";

interface Subscription {
  readonly handler: EventHandler;
  readonly onEnd: ((error: Error) => void) | undefined;
  /** While events are being taken: ends when all delivered so far are, so that they stay in order. */
  tail: Promise<unknown> | undefined;
}

type Batch = Exclude<EventsRequest[1], string>;

/** A batch that is being taken. */
interface Taking {
  readonly handler: EventHandler;
  readonly batch: Batch;
  /** Longest time for each event. */
  readonly timeoutMs: number | null;
  /** What the handler threw so far. */
  readonly errors: [index: number, message: string][];
}

/** A plugin's events. */
export class EventScope implements ScopePart {
  readonly #host: Host;
  readonly #subscriptions = new Map<number, Subscription>();
  #nextId = 0;

  readonly handlers: NonNullable<ScopePart["handlers"]> = {
    events: (params, context) => this.#deliver(params as unknown as EventsRequest, context),
  };
  readonly notifications: NonNullable<ScopePart["notifications"]> = {
    unsubscribed: ([id, error]) => {
      const { code, message } = error as CordonError;
      this.#end(id as number, new CordonError(code, message));
    },
  };

  /** @param host The host. */
  constructor(host: Host) {
    this.#host = host;
  }

  /** Makes the part of the context; `declared` are the patterns that the manifest allows to listen to. */
  open(declared: readonly string[]): PluginEvents {
    return Object.freeze({
      on: (pattern: string, handler: EventHandler, options?: EventOptions) => {
        if (!declared.includes(pattern)) {
          throw new TypeError(
            `Cannot subscribe to "${pattern}": the manifest does not name it under events.subscribes`,
          );
        }
        if (typeof handler !== "function") {
          throw new TypeError(`Cannot subscribe to "${pattern}": the handler is no function`);
        }
        return this.#subscribe(pattern, handler, options);
      },
      publish: async (topic: string, value?: unknown, options?: Parameters<PluginEvents["publish"]>[2]) =>
        void await this.#host.call("publish", [topic, value ?? null], {
          ...options,
          within: currentRequest(),
        }),
    });
  }

  /** Drops all subscriptions. */
  close(): void {
    this.#subscriptions.clear();
  }

  /** Hands events to their subscriber; settles when the subscriber has taken them. */
  #deliver(
    [id, content, timeoutMs]: EventsRequest,
    context: CallContext,
  ): EventsReply | Promise<EventsReply> {
    const subscription = this.#subscriptions.get(id);
    const batch = typeof content === "string" ? JSON.parse(content) as Batch : content;
    // One that was taken back: nobody wants them.
    if (subscription === undefined) return { taken: batch.length, errors: [] };
    const taking = { handler: subscription.handler, batch, timeoutMs, errors: [] };
    const take = () => takeEvent(context, () => takeFrom(0, taking));
    const taken = subscription.tail === undefined ? take() : subscription.tail.then(take);
    if (!(taken instanceof Promise)) return taken;
    const tail = taken.then(() => {
      if (subscription.tail === tail) subscription.tail = undefined;
    });
    subscription.tail = tail;
    return taken;
  }

  #subscribe(pattern: string, handler: EventHandler, { onEnd, ...options }: EventOptions = {}): () => void {
    const id = this.#nextId++;
    this.#subscriptions.set(id, { handler, onEnd, tail: undefined });
    const params = Object.keys(options).length === 0 ? [id, pattern] : [id, pattern, options];
    this.#host.call("subscribe", params).catch((error) => this.#end(id, error));
    return () => {
      // The host may be gone; then so is the subscription.
      if (this.#subscriptions.delete(id)) this.#host.call("unsubscribe", [id]).catch(() => {});
    };
  }

  #end(id: number, error: Error): void {
    const subscription = this.#subscriptions.get(id);
    this.#subscriptions.delete(id);
    // What it throws is an unhandled rejection, not the channel's end.
    void Promise.resolve().then(() => subscription?.onEnd?.(error));
  }
}

/**
 * Hands events over one after the other, from some place in the batch on; with a time limit up to the first
 * that fails. Done at once where the handler is: what follows finds it so.
 */
function takeFrom(first: number, taking: Taking): EventsReply | Promise<EventsReply> {
  const { handler, batch, timeoutMs, errors } = taking;
  for (let index = first; index < batch.length; index++) {
    const [value, origin] = batch[index]!;
    try {
      const taken = handler(value, origin as EventOrigin);
      if (taken !== undefined) return takeLater(taken, index, taking);
    } catch (error) {
      errors.push([index, errorMessage(error)]);
      if (timeoutMs !== null) return { taken: index, errors };
    }
  }
  return { taken: batch.length, errors };
}

async function takeLater(taken: Promise<void>, index: number, taking: Taking): Promise<EventsReply> {
  const { timeoutMs, errors } = taking;
  try {
    await (timeoutMs === null ? taken : within(taken, timeoutMs));
  } catch (error) {
    errors.push([index, errorMessage(error)]);
    if (timeoutMs !== null) return { taken: index, errors };
  }
  return await takeFrom(index + 1, taking);
}

/** Waits for something, but not forever. */
async function within(promise: Promise<void>, timeoutMs: number): Promise<void> {
  const { promise: late, reject } = Promise.withResolvers<void>();
  const error = new CordonError("deadline_exceeded", `It was not taken in ${timeoutMs} ms`);
  const timer = setTimeout(() => reject(error), timeoutMs);
  try {
    await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
