/**
 * The plugin's side, in memory: its context and what its host asks of it, as
 * the bootstrap of a sandbox does it.
 *
 * @module
 */

import type { CallOptions, LimitEvent, PluginContext, PluginLog, Remote } from "../context.ts";
import type { EventHandler, EventOrigin } from "../events.ts";
import type { Link, LinkHandler } from "./link.ts";
import { listMethods } from "./methods.ts";
import type { TestableModule } from "./testable_module.ts";

/** Exports that the host calls by requests of their own. */
const LIFECYCLE = new Set(["activate", "deactivate", "exportState", "health", "importState"]);
const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;
const DISPOSE = [Symbol.asyncDispose, Symbol.dispose] as const;

/** What the context is made of. */
export interface ContextFacts {
  readonly id: string;
  readonly version: string;
  readonly config: Record<string, unknown>;
  readonly vars: Record<string, string>;
  readonly data: string;
  /** Patterns that the manifest allows to listen to. */
  readonly subscribes: readonly string[];
}

interface Subscription {
  readonly handler: EventHandler;
  /** While events are being taken: ends when all delivered so far are, so that they stay in order. */
  tail: Promise<void> | undefined;
}

/** One plugin's code with its context. */
export class PluginSide {
  readonly #module: TestableModule;
  readonly #host: Link;
  readonly #stopping = new AbortController();
  readonly #subscriptions = new Map<number, Subscription>();
  readonly #handles = new Map<string, Promise<unknown>>();
  readonly #methods = new Map<string, (...args: unknown[]) => unknown>();
  readonly #limitHandlers = new Set<(event: LimitEvent) => void>();
  #nextSubscription = 0;
  #returned: unknown;
  /** What its host can ask, by name. */
  readonly handlers: ReadonlyMap<string, LinkHandler>;

  /**
   * @param module The plugin's main module.
   * @param host Where its requests go.
   */
  constructor(module: TestableModule, host: Link) {
    this.#module = module;
    this.#host = host;
    this.handlers = new Map<string, LinkHandler>([
      ["activate", ([facts]) => this.#activate(facts as ContextFacts)],
      ["invoke", ([name, args]) => this.#methods.get(name as string)!(...args as unknown[])],
      ["event", ([id, value, origin]) => this.#deliver(id as number, value, origin as EventOrigin)],
      ["health", () => this.#module.health?.() ?? "ok"],
      ["deactivate", ([reason]) => this.#deactivate(reason as string)],
    ]);
  }

  /** Names of its methods. */
  get methods(): ReadonlySet<string> {
    return new Set(this.#methods.keys());
  }

  /** Aborts the context's signal and drops its subscriptions. */
  close(reason: string): void {
    this.#subscriptions.clear();
    this.#stopping.abort(new DOMException(reason, "AbortError"));
  }

  /** Tells it that it is close to a limit. */
  tellLimit(event: LimitEvent): void {
    for (const handler of this.#limitHandlers) handler(event);
  }

  async #activate(facts: ContextFacts): Promise<void> {
    if (typeof this.#module.activate !== "function") {
      throw new TypeError('The main module exports no function "activate"');
    }
    this.#returned = await this.#module.activate(this.#createContext(facts));
    // A module namespace is an object without a class.
    for (const [name, method] of listMethods(this.#module)) {
      if (!LIFECYCLE.has(name)) this.#methods.set(name, method);
    }
    for (const [name, method] of listMethods(this.#returned)) this.#methods.set(name, method);
  }

  async #deactivate(reason: string): Promise<void> {
    this.close(reason);
    await this.#module.deactivate?.();
    for (const dispose of DISPOSE) {
      const end = (this.#returned as Record<symbol, unknown> | undefined)?.[dispose];
      if (typeof end === "function") return void await end.call(this.#returned);
    }
  }

  #createContext({ id, version, config, vars, data, subscribes }: ContextFacts): PluginContext {
    const call = (capability: string, method: string, args: readonly unknown[] = [], options?: CallOptions) =>
      this.#host.call("call", [capability, method, args], options);
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

  #createLog(): PluginLog {
    const write = (level: string, message: unknown, facts: unknown) => {
      try {
        this.#host.notify("log", [level, String(message), facts ?? null]);
      } catch {
        // Facts that cannot be carried must not fail the plugin; without them the record goes out.
        this.#host.notify("log", [level, String(message), null]);
      }
    };
    const log = LOG_LEVELS.map((level) =>
      [level, (message: unknown, facts?: unknown) => write(level, message, facts)] as const
    );
    return Object.freeze(Object.fromEntries(log)) as unknown as PluginLog;
  }

  async #use(capability: string, call: PluginContext["call"]): Promise<unknown> {
    const { methods } = await this.#host.call("use", [capability]) as { methods: string[] };
    const handle = Object.create(null) as Record<string, unknown>;
    for (const method of methods) handle[method] = (...args: unknown[]) => call(capability, method, args);
    return Object.freeze(handle);
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

  #deliver(id: number, value: unknown, origin: EventOrigin): Promise<void> {
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
}
