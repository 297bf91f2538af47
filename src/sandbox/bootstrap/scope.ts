/**
 * The plugin's context: what `activate()` is given, over the channel.
 *
 * @module
 */

import type { RpcPeer } from "../../rpc/peer.ts";
import { type ActivateRequest, LOG_LEVELS, type UseReply } from "../../rpc/protocol.ts";
import type {
  CallOptions,
  EventHandler,
  EventOrigin,
  LimitEvent,
  PluginContext,
  PluginLog,
  Remote,
} from "../../sdk/context.ts";

/** The host, as far as the context needs it. */
type Host = Pick<RpcPeer, "call" | "notify">;

interface Subscription {
  readonly handler: EventHandler;
  /** While events are being taken: ends when all delivered so far are, so that they stay in order. */
  tail: Promise<void> | undefined;
}

/** Makes the context and delivers events to it. */
export class PluginScope {
  readonly #host: Host;
  readonly #stopping = new AbortController();
  readonly #subscriptions = new Map<number, Subscription>();
  readonly #handles = new Map<string, Promise<unknown>>();
  readonly #limitHandlers = new Set<(event: LimitEvent) => void>();
  #nextSubscription = 0;

  /** @param host The host. */
  constructor(host: Host) {
    this.#host = host;
  }

  /** Makes the context. */
  open({ id, version, config, vars, data, subscribes }: ActivateRequest): PluginContext {
    const call = (
      capability: string,
      method: string,
      args: readonly unknown[] = [],
      options: CallOptions = {},
    ) => this.#host.call("call", [capability, method, args], options);
    return Object.freeze({
      id,
      version,
      config: Object.freeze(config),
      vars: Object.freeze(vars),
      data,
      signal: this.#stopping.signal,
      onLimit: (handler: (event: LimitEvent) => void) => {
        this.#limitHandlers.add(handler);
        return () => void this.#limitHandlers.delete(handler);
      },
      log: this.#createLog(),
      events: Object.freeze({
        on: (pattern: string, handler: EventHandler) => this.#subscribe(pattern, handler, subscribes),
        publish: async (topic: string, value?: unknown) =>
          void await this.#host.call("publish", [topic, value ?? null]),
      }),
      use: <T>(capability: string) => {
        const known = this.#handles.get(capability) ?? this.#use(capability, call);
        this.#handles.set(capability, known);
        // A refusal is not kept: the capability may appear later.
        known.catch(() => this.#handles.delete(capability));
        return known as Promise<Remote<T>>;
      },
      call,
    });
  }

  /** Hands an event to its subscriber; settles when the subscriber has taken it. */
  deliver(params: readonly unknown[]): Promise<void> {
    const [id, value, origin] = params as [number, unknown, EventOrigin];
    const subscription = this.#subscriptions.get(id);
    if (subscription === undefined) return Promise.resolve();
    const take = async () => await subscription.handler(value, origin);
    // Taken at once where nothing is before it: a call that follows finds it done.
    const taken = subscription.tail === undefined ? take() : subscription.tail.then(take);
    // The next event comes even when this one fails; the host is told of the failure.
    const tail = taken.catch(() => {}).then(() => {
      if (subscription.tail === tail) subscription.tail = undefined;
    });
    subscription.tail = tail;
    return taken;
  }

  /** Tells the plugin that it is close to a limit. */
  tellLimit(event: LimitEvent): void {
    for (const handler of this.#limitHandlers) handler(event);
  }

  /** Aborts the context's signal and drops its subscriptions. */
  close(reason: string): void {
    this.#subscriptions.clear();
    this.#stopping.abort(new DOMException(reason, "AbortError"));
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
    const id = this.#nextSubscription++;
    this.#subscriptions.set(id, { handler, tail: undefined });
    this.#host.call("subscribe", [id, pattern]).catch(() => this.#subscriptions.delete(id));
    return () => {
      // The host may be gone; then so is the subscription.
      if (this.#subscriptions.delete(id)) this.#host.call("unsubscribe", [id]).catch(() => {});
    };
  }

  async #use(capability: string, call: PluginContext["call"]): Promise<unknown> {
    const { methods } = await this.#host.call("use", [capability]) as UseReply;
    const handle = Object.create(null) as Record<string, unknown>;
    for (const method of methods) handle[method] = (...args: unknown[]) => call(capability, method, args);
    return Object.freeze(handle);
  }

  #createLog(): PluginLog {
    const log = Object.create(null) as Record<string, unknown>;
    for (const level of LOG_LEVELS) {
      log[level] = (message: unknown, facts?: unknown) => {
        try {
          this.#host.notify("log", [level, String(message), facts ?? null]);
        } catch {
          // Facts that cannot be carried must not fail the plugin; without them the record goes out.
          this.#host.notify("log", [level, String(message), null]);
        }
      };
    }
    return Object.freeze(log) as unknown as PluginLog;
  }
}
