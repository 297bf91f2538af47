/**
 * The host: it builds the parts, owns their lifetime and is what the command
 * line and library users talk to.
 *
 * @module
 */

import { Capabilities } from "./bus/capabilities.ts";
import { EventBus } from "./bus/event_bus.ts";
import { followEvents, type HostEvent } from "./bus/event_stream.ts";
import { isTopic } from "./bus/topic.ts";
import { CordonError } from "./errors.ts";
import { Conductor } from "./lifecycle/conductor.ts";
import { EventStarts } from "./lifecycle/event_starts.ts";
import { Consents } from "./lifecycle/consents.ts";
import {
  describePlugin,
  type PluginInfo,
  type PluginSummary,
  summarizePlugin,
} from "./lifecycle/plugin_summary.ts";
import { type HostParts, openHostParts } from "./lifecycle/host_parts.ts";
import type { HostCallOptions, HostOptions } from "./lifecycle/host_options.ts";
import { isSupervised } from "./lifecycle/plugin_request.ts";
import { PluginRunner } from "./lifecycle/runner.ts";
import { Takeover } from "./lifecycle/takeover.ts";
import type { SubscribeOptions } from "./sdk/events.ts";
import type { DependencyGraph } from "./solver/graph.ts";
import type { Journal } from "./store/journal.ts";
import { LogStore } from "./store/log_store.ts";

/** How long an event of the host waits for subscribers with the rule `block`. */
const PUBLISH_TIMEOUT_MS = 5_000;

/** Runs plugins. Made by {@linkcode openHost}. */
export class PluginHost implements AsyncDisposable {
  readonly #parts: HostParts;
  readonly #logs: LogStore;
  readonly #events: EventBus;
  readonly #capabilities = new Capabilities();
  readonly #conductor: Conductor;
  readonly #takeover: Takeover;
  readonly #eventStarts: EventStarts;
  /** What administrators decide about plugins. */
  readonly consents: Consents;
  readonly #onAbort = () => void this.stop();

  /** @ignore Use {@linkcode openHost}. */
  constructor(parts: HostParts) {
    const { options, folders, registry, table, resolution, book, sandboxes, limits } = parts;
    this.#parts = parts;
    const tell = (message: string) => options.onNotice?.(message);
    this.#logs = new LogStore(folders.data, tell);
    this.#events = new EventBus({
      store: registry.events,
      note: (type, facts, id) => registry.note(type, facts, id),
    });
    const runner = new PluginRunner({
      table,
      folders,
      registry,
      capabilities: this.#capabilities,
      providers: { get: (name) => resolution.graph.providers.get(name) },
      events: this.#events,
      heldFor: (id) => this.#eventStarts.heldFor(id),
      log: (record) => this.#logs.append(record),
      learning: options.learning,
      isSupervised: (id) => isSupervised(id, { policy: options.policy ?? {}, grants: book.grants }),
      sandboxes,
      onEnd: (entry) => {
        this.#takeover.takeUpPending(entry);
        this.#eventStarts.refresh();
      },
      limits,
      onNotice: tell,
    });
    this.#conductor = new Conductor({
      table,
      resolution,
      runner,
      concurrency: options.concurrency ?? 2 * navigator.hardwareConcurrency,
      signal: options.signal,
    });
    const conductor = this.#conductor;
    this.#eventStarts = new EventStarts({ table, conductor, registry, events: this.#events });
    const reading = { registry, workDir: folders.work, signal: options.signal };
    const shared = { table, book, registry, resolution, conductor };
    this.#takeover = new Takeover({ ...shared, runner, reading });
    this.consents = new Consents({ ...shared, takeover: this.#takeover, grant: options.grant ?? "stored" });
    options.signal?.addEventListener("abort", this.#onAbort, { once: true });
  }

  /** Everything that happened to the plugins. */
  get journal(): Journal {
    return this.#parts.registry.journal;
  }

  /** The dependency graph of the plugins that may start. */
  get graph(): DependencyGraph {
    return this.#parts.resolution.graph;
  }

  /** The data folder. */
  get dataDir(): string {
    return this.#parts.folders.data;
  }

  /**
   * Starts every plugin that is ready, stage by stage; one that fails holds
   * back its dependents only.
   *
   * @returns All plugins, as {@linkcode PluginHost.list}.
   */
  async start(): Promise<PluginSummary[]> {
    const starting = this.#conductor.startAll();
    this.#eventStarts.begin();
    await starting;
    return this.list();
  }

  /** Stops every plugin, dependents first; the host can start again. */
  async stop(reason = "the host stops"): Promise<void> {
    await this.#eventStarts.end();
    await this.#conductor.stopAll(reason);
  }

  /**
   * Starts one plugin with everything it needs.
   *
   * @throws {CordonError} `not_found`, `start_failed`, or the reason why it cannot be started.
   */
  async startPlugin(id: string): Promise<void> {
    await this.#conductor.start(this.#parts.table.require(id));
  }

  /**
   * Stops one plugin after those that need it.
   *
   * @returns The ids of those that were stopped, in that order.
   * @throws {CordonError} `not_found`, or `not_running`.
   */
  async stopPlugin(id: string, reason = "stopped by the administrator"): Promise<string[]> {
    const entry = this.#parts.table.require(id);
    if (entry.instance === undefined && entry.starting === undefined) {
      throw new CordonError("not_running", `Cannot stop "${id}": it is ${entry.state}`, {
        hint: `See why: cordon why ${id}`,
      });
    }
    return await this.#conductor.stopWithDependents(id, reason);
  }

  /**
   * Stops one plugin with those that need it, and starts them again.
   *
   * @throws {CordonError} As {@linkcode PluginHost.startPlugin}.
   */
  async restartPlugin(id: string): Promise<void> {
    const stopped = this.#parts.table.require(id).instance === undefined
      ? []
      : await this.stopPlugin(id, "restarted");
    for (const other of [id, ...stopped.reverse()]) await this.startPlugin(other);
  }

  /**
   * Reads a plugin's folder again and lets the version there take over, by a restart.
   *
   * @throws {CordonError} `not_found`; `invalid_plugin`, `consent`, `policy` or `dependency` for a version
   * that cannot: the one that runs goes on, and the new one is `pending`.
   */
  async reload(id: string): Promise<PluginSummary> {
    const entry = this.#parts.table.require(id);
    await this.#takeover.inTurn(() => this.#takeover.reload(entry)).finally(() =>
      this.#eventStarts.refresh()
    );
    return summarizePlugin(entry);
  }

  /** Every plugin, by id. */
  list(): PluginSummary[] {
    return this.#parts.table.list().map(summarizePlugin);
  }

  /**
   * Everything about one plugin: its summary, manifest, problems and methods.
   *
   * @throws {CordonError} `not_found`.
   */
  info(id: string): PluginInfo {
    const entry = this.#parts.table.require(id);
    return describePlugin(entry, {
      versions: this.#parts.registry.plugins.versions(id),
      limits: entry.found.manifest === undefined ? [] : this.#parts.limits.describe(entry.found.manifest),
    });
  }

  /**
   * Calls a method. What is needed for it is started first.
   *
   * @param target Plugin id or capability.
   * @param method Name of the method.
   * @param args Its arguments: JSON-shaped, with `Uint8Array` where bytes are meant.
   * @throws {CordonError} `not_found`, `consent`, `dependency`, `start_failed`, `method_not_found`,
   * `deadline_exceeded`; `plugin_error` for what the method threw.
   */
  call(
    target: string,
    method: string,
    args: readonly unknown[] = [],
    options: HostCallOptions = {},
  ): Promise<unknown> {
    const running = this.#parts.table.find(this.graph.providers.get(target) ?? target)?.instance;
    return running?.invoke(method, args, options) ?? this.#startAndCall(target, { method, args, options });
  }

  /**
   * Publishes an event to the plugins that subscribed to its topic.
   *
   * @returns Settles when it is queued: at once, unless a subscriber has the rule `block`.
   * @throws {TypeError} If the topic is not well-formed, or the value cannot be carried.
   * @throws {CordonError} `too_large`.
   */
  publish(topic: string, value: unknown, { timeoutMs = PUBLISH_TIMEOUT_MS } = {}): Promise<void> {
    if (!isTopic(topic)) throw new TypeError(`Cannot publish: "${topic}" is no topic, as "clock.hour"`);
    return this.#events.publish(topic, value, "host", { waitMs: timeoutMs }) ?? Promise.resolve();
  }

  /**
   * Follows the events of a topic or pattern. What happens to those that are not taken in
   * time says `overflow`; by default the oldest are dropped and counted in `missed`.
   *
   * @throws {CordonError} `invalid_input`, `not_durable`; while it is read, `subscriber_too_slow`.
   */
  subscribe(
    pattern: string,
    options: SubscribeOptions & { signal?: AbortSignal } = {},
  ): AsyncGenerator<HostEvent> {
    return followEvents(this.#events, pattern, options);
  }

  /** Stops everything and lets go of the data folder. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#parts.options.signal?.removeEventListener("abort", this.#onAbort);
    await this.stop("the host closes");
    this.#events[Symbol.dispose]();
    await this.#parts.sandboxes[Symbol.asyncDispose]();
    await this.#parts.limits[Symbol.asyncDispose]();
    await this.#logs[Symbol.asyncDispose]();
    this.#parts.registry[Symbol.dispose]();
    await this.#parts.folders[Symbol.asyncDispose]();
  }

  async #startAndCall(
    target: string,
    { method, args, options }: { method: string; args: readonly unknown[]; options: HostCallOptions },
  ): Promise<unknown> {
    const entry = this.#parts.table.require(this.graph.providers.get(target) ?? target);
    const instance = await this.#conductor.start(entry);
    return await instance.invoke(method, args, options);
  }
}

/**
 * Opens a host: finds the plugins, checks them and resolves their
 * dependencies. No plugin code runs before {@linkcode PluginHost.start} or a call.
 *
 * @throws {CordonError} `not_found` if a plugin folder is not there, `not_writable` for the data folder.
 */
export async function openHost(options: HostOptions): Promise<PluginHost> {
  return new PluginHost(await openHostParts(options));
}
