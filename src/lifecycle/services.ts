/**
 * What one plugin may ask of the host. Everything that arrives here was
 * written by the plugin: each value is checked before it is used.
 *
 * @module
 */

import type { Capabilities } from "../bus/capabilities.ts";
import type { Delivery, EventBus, Subscription } from "../bus/event_bus.ts";
import { isTopic } from "../bus/topic.ts";
import { CordonError } from "../errors.ts";
import { RateLimiter } from "../internal/rate_limiter.ts";
import { sanitizeText } from "../internal/sanitize_text.ts";
import type { Manifest } from "../manifest/manifest.ts";
import type { CallContext } from "../rpc/incoming_call.ts";
import type { Handler } from "../rpc/incoming_calls.ts";
import type { NotificationHandler } from "../rpc/peer.ts";
import { LOG_LEVELS, type UseReply } from "../rpc/protocol.ts";
import type { LogRecord } from "../store/log_store.ts";

const MAX_SUBSCRIPTIONS = 256;

/** What the services reach. */
export interface ServiceContext {
  /** The plugin's manifest. */
  readonly manifest: Manifest;
  /** Who provides what. */
  readonly capabilities: Capabilities;
  /** Events. */
  readonly events: EventBus;
  /** Takes log records. */
  readonly log: (record: LogRecord) => void;
  /** Hands the plugin an event. */
  readonly deliver: (subscription: number, delivery: Delivery) => Promise<void>;
  /** Told when the plugin asked for something that its manifest does not name. */
  readonly onRefusal: (message: string) => void;
}

/** The host as one plugin sees it. */
export class PluginServices implements Disposable {
  readonly #context: ServiceContext;
  readonly #subscriptions = new Map<number, Subscription>();
  readonly #logRate: RateLimiter;
  /** Refusals told; a plugin that goes on asking is not news. */
  readonly #refusalRate = new RateLimiter({ count: 10, periodMs: 60_000 });
  #suppressed = 0;

  /** Methods by name. */
  readonly handlers: ReadonlyMap<string, Handler>;
  /** Notifications by name. */
  readonly notifications: ReadonlyMap<string, NotificationHandler>;

  /** @param context What the services reach. */
  constructor(context: ServiceContext) {
    this.#context = context;
    this.#logRate = new RateLimiter(context.manifest.limits.logRate);
    this.handlers = new Map<string, Handler>([
      ["use", ([name]) => this.#use(name)],
      ["call", (params, context) => this.#call(params, context)],
      ["publish", ([topic, value]) => this.#publish(topic, value)],
      ["subscribe", ([id, pattern]) => this.#subscribe(id, pattern)],
      ["unsubscribe", ([id]) => this.#unsubscribe(id)],
    ]);
    this.notifications = new Map<string, NotificationHandler>([
      ["log", ([level, message, facts]) => this.#log(level, message, facts)],
    ]);
  }

  /** Takes a line that the plugin printed. */
  print(stream: "stdout" | "stderr", line: string): void {
    this.#record(() => ({
      level: stream === "stdout" ? "info" : "warn",
      source: stream,
      message: sanitizeText(line),
    }));
  }

  /** Ends the plugin's subscriptions. */
  [Symbol.dispose](): void {
    for (const subscription of this.#subscriptions.values()) subscription[Symbol.dispose]();
    this.#subscriptions.clear();
    this.#reportSuppressed();
  }

  #use(name: unknown): UseReply {
    const { capabilities, manifest } = this.#context;
    try {
      return { methods: [...capabilities.require(manifest, asText(name)).methods] };
    } catch (error) {
      throw this.#noteRefusal(error);
    }
  }

  async #call(
    [name, method, args]: readonly unknown[],
    { signal, timeoutMs }: CallContext,
  ): Promise<unknown> {
    if (!Array.isArray(args)) {
      throw new CordonError("invalid_input", "Cannot call: the arguments are no list");
    }
    const { capabilities, manifest } = this.#context;
    const call = {
      method: asText(method),
      args,
      options: { signal, ...(timeoutMs === undefined ? {} : { timeoutMs }) },
    };
    try {
      return await capabilities.call(manifest, asText(name), call);
    } catch (error) {
      throw this.#noteRefusal(error);
    }
  }

  #publish(topic: unknown, value: unknown): null {
    const name = asText(topic);
    if (!isTopic(name) || !this.#context.manifest.events.publishes.includes(name)) {
      this.#refuse(`Cannot publish "${name}": the manifest does not name it under events.publishes`);
    }
    this.#context.events.publish(name, value, this.#context.manifest.id);
    return null;
  }

  #subscribe(id: unknown, pattern: unknown): null {
    const name = asText(pattern);
    if (!this.#context.manifest.events.subscribes.includes(name)) {
      this.#refuse(`Cannot subscribe to "${name}": the manifest does not name it under events.subscribes`);
    }
    if (typeof id !== "number" || !Number.isSafeInteger(id) || this.#subscriptions.has(id)) {
      throw new CordonError("invalid_input", "Cannot subscribe: the subscription has no id of its own");
    }
    if (this.#subscriptions.size >= MAX_SUBSCRIPTIONS) {
      throw new CordonError(
        "too_many_subscriptions",
        `Cannot subscribe: ${MAX_SUBSCRIPTIONS} subscriptions are open`,
      );
    }
    const deliver = (delivery: Delivery) => this.#context.deliver(id, delivery);
    this.#subscriptions.set(id, this.#context.events.subscribe(name, deliver));
    return null;
  }

  #unsubscribe(id: unknown): null {
    this.#subscriptions.get(id as number)?.[Symbol.dispose]();
    this.#subscriptions.delete(id as number);
    return null;
  }

  #log(level: unknown, message: unknown, facts: unknown): void {
    this.#record(() => ({
      level: LOG_LEVELS.find((known) => known === level) ?? "info",
      source: "log",
      message: sanitizeText(String(message)),
      ...(facts === null || facts === undefined ? {} : { facts }),
    }));
  }

  /** Keeps a record; one that comes too fast is not even made. */
  #record(make: () => Omit<LogRecord, "time" | "id">): void {
    if (!this.#logRate.take()) {
      this.#suppressed++;
      return;
    }
    this.#reportSuppressed();
    this.#write(make());
  }

  #reportSuppressed(): void {
    if (this.#suppressed === 0) return;
    const message =
      `${this.#suppressed} records were dropped because they came faster than limits.log_rate allows`;
    this.#suppressed = 0;
    this.#write({ level: "warn", source: "log", message });
  }

  #write(record: Omit<LogRecord, "time" | "id">): void {
    this.#context.log({ time: new Date().toISOString(), id: this.#context.manifest.id, ...record });
  }

  #refuse(message: string): never {
    this.#noteMessage(message);
    throw new CordonError("not_declared", message);
  }

  /** Has a refusal noted, and gives the error back. */
  #noteRefusal(error: unknown): unknown {
    if (error instanceof CordonError && error.code === "not_declared") this.#noteMessage(error.message);
    return error;
  }

  #noteMessage(message: string): void {
    if (this.#refusalRate.take()) this.#context.onRefusal(message);
  }
}

function asText(value: unknown): string {
  if (typeof value === "string" && value.length <= 256) return value;
  throw new CordonError("invalid_input", "Cannot do that: a name is no text or longer than 256 characters");
}
