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
import { CordonError, errorMessage, isSystemError } from "./errors.ts";
import { readCatalogue } from "./lifecycle/catalogue.ts";
import { Conductor } from "./lifecycle/conductor.ts";
import { HostFolders } from "./lifecycle/folders.ts";
import {
  describePlugin,
  type PluginInfo,
  type PluginSummary,
  summarizePlugin,
} from "./lifecycle/plugin_summary.ts";
import { type PluginEntry, PluginTable } from "./lifecycle/plugin_table.ts";
import { LimitWatch } from "./lifecycle/limit_watch.ts";
import type { HostCallOptions, HostOptions } from "./lifecycle/host_options.ts";
import { Registry } from "./lifecycle/registry.ts";
import { resolvePlugins } from "./lifecycle/resolution.ts";
import { PluginRunner } from "./lifecycle/runner.ts";
import { writeBootstrap } from "./sandbox/bootstrap_file.ts";
import { createSandboxes } from "./sandbox/sandboxes.ts";
import type { DependencyGraph } from "./solver/graph.ts";
import type { Journal } from "./store/journal.ts";
import { LogStore } from "./store/log_store.ts";

/** Runs plugins. Made by {@linkcode openHost}. */
export class PluginHost implements AsyncDisposable {
  readonly #registry: Registry;
  readonly #options: HostOptions;
  readonly #folders: HostFolders;
  readonly #logs: LogStore;
  readonly #table: PluginTable;
  readonly #events = new EventBus();
  readonly #capabilities = new Capabilities();
  readonly #limits: LimitWatch;
  readonly #conductor: Conductor;
  readonly #graph: DependencyGraph;
  readonly #onAbort = () => void this.stop();

  /** @ignore Use {@linkcode openHost}. */
  constructor(parts: {
    options: HostOptions;
    folders: HostFolders;
    registry: Registry;
    table: PluginTable;
    graph: DependencyGraph;
    bootstrap: string;
  }) {
    const { options, folders, registry, table, graph, bootstrap } = parts;
    this.#options = options;
    this.#folders = folders;
    this.#table = table;
    this.#graph = graph;
    this.#registry = registry;
    this.#logs = new LogStore(folders.data, (message) => options.onNotice?.(message));
    this.#limits = new LimitWatch({ site: options.limits, policy: options.policy });
    const runner = new PluginRunner({
      table,
      folders,
      registry,
      capabilities: this.#capabilities,
      providers: graph.providers,
      events: this.#events,
      log: (record) => this.#logs.append(record),
      limits: this.#limits,
      onNotice: (message) => options.onNotice?.(message),
      sandboxes: createSandboxes({ bootstrap, socketDir: folders.sockets, onNotice: options.onNotice }),
    });
    this.#conductor = new Conductor({
      table,
      graph,
      runner,
      concurrency: options.concurrency ?? 2 * navigator.hardwareConcurrency,
      signal: options.signal,
    });
    options.signal?.addEventListener("abort", this.#onAbort, { once: true });
  }

  /** Everything that happened to the plugins. */
  get journal(): Journal {
    return this.#registry.journal;
  }

  /** The dependency graph of the plugins that may start. */
  get graph(): DependencyGraph {
    return this.#graph;
  }

  /** The data folder. */
  get dataDir(): string {
    return this.#folders.data;
  }

  /**
   * Starts every plugin that is ready, stage by stage; one that fails holds
   * back its dependents only.
   *
   * @returns All plugins, as {@linkcode PluginHost.list}.
   */
  async start(): Promise<PluginSummary[]> {
    await this.#conductor.startAll();
    return this.list();
  }

  /** Stops every plugin, dependents first; the host can start again. */
  async stop(reason = "the host stops"): Promise<void> {
    await this.#conductor.stopAll(reason);
  }

  /**
   * Starts one plugin with everything it needs.
   *
   * @throws {CordonError} `not_found`, `start_failed`, or the reason why it cannot be started.
   */
  async startPlugin(id: string): Promise<void> {
    await this.#conductor.start(this.#find(id));
  }

  /**
   * Stops one plugin after those that need it.
   *
   * @returns The ids of those that were stopped, in that order.
   * @throws {CordonError} `not_found`, or `not_running`.
   */
  async stopPlugin(id: string, reason = "stopped by the administrator"): Promise<string[]> {
    const entry = this.#find(id);
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
    const stopped = this.#find(id).instance === undefined ? [] : await this.stopPlugin(id, "restarted");
    for (const other of [id, ...stopped.reverse()]) await this.startPlugin(other);
  }

  /** Every plugin, by id. */
  list(): PluginSummary[] {
    return this.#table.list().map(summarizePlugin);
  }

  /**
   * Everything about one plugin: its summary, manifest, problems and methods.
   *
   * @throws {CordonError} `not_found`.
   */
  info(id: string): PluginInfo {
    const entry = this.#find(id);
    const { manifest } = entry.found;
    return describePlugin(entry, {
      versions: this.#registry.plugins.versions(id),
      limits: manifest === undefined ? [] : this.#limits.describe(manifest),
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
    const running = this.#table.find(this.#graph.providers.get(target) ?? target)?.instance;
    return running?.invoke(method, args, options) ?? this.#startAndCall(target, { method, args, options });
  }

  /**
   * Publishes an event to the plugins that subscribed to its topic.
   *
   * @throws {TypeError} If the topic is not well-formed.
   */
  publish(topic: string, value: unknown): void {
    if (!isTopic(topic)) throw new TypeError(`Cannot publish: "${topic}" is no topic, as "clock.hour"`);
    this.#events.publish(topic, value, "host");
  }

  /**
   * Follows the events of a topic or pattern. Of events that are not taken in
   * time the oldest are dropped and counted in `missed`.
   */
  subscribe(pattern: string, options: { signal?: AbortSignal } = {}): AsyncGenerator<HostEvent> {
    return followEvents(this.#events, pattern, options);
  }

  /** Stops everything and lets go of the data folder. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#options.signal?.removeEventListener("abort", this.#onAbort);
    await this.stop("the host closes");
    await this.#logs[Symbol.asyncDispose]();
    this.#registry[Symbol.dispose]();
    await this.#folders[Symbol.asyncDispose]();
  }

  async #startAndCall(
    target: string,
    { method, args, options }: { method: string; args: readonly unknown[]; options: HostCallOptions },
  ): Promise<unknown> {
    const entry = this.#find(this.#graph.providers.get(target) ?? target);
    const instance = await this.#conductor.start(entry);
    return await instance.invoke(method, args, options);
  }

  #find(id: string): PluginEntry {
    const entry = this.#table.find(id);
    if (entry !== undefined) return entry;
    const known = this.#table.list().map((other) => other.id).join(", ");
    throw new CordonError("not_found", `Cannot find the plugin or capability "${id}"`, {
      hint: known === "" ? "There are no plugins" : `There are ${known}`,
    });
  }
}

/**
 * Opens a host: finds the plugins, checks them and resolves their
 * dependencies. No plugin code runs before {@linkcode PluginHost.start} or a call.
 *
 * @throws {CordonError} `not_found` if a plugin folder is not there, `not_writable` for the data folder.
 */
export async function openHost(options: HostOptions): Promise<PluginHost> {
  options.signal?.throwIfAborted();
  const folders = await HostFolders.open(options.data);
  let registry: Registry | undefined;
  try {
    registry = await Registry.open(folders.data, (message) => options.onNotice?.(message));
    registry.isKeeping = options.lookOnly !== true;
    const table = new PluginTable(registry);
    const reading = { registry, workDir: folders.work, signal: options.signal };
    for (const entry of await readCatalogue(options.plugins, reading)) table.add(entry);
    const decisions = {
      vars: options.vars ?? {},
      grant: options.grant ?? "stored",
      policy: options.policy ?? {},
      assumeVariables: options.lookOnly ?? false,
    };
    const graph = registry.batch(() => resolvePlugins(table, { folders, decisions }));
    const bootstrap = await writeBootstrap(folders.bootstrap);
    return new PluginHost({ options, folders, registry, table, graph, bootstrap });
  } catch (cause) {
    registry?.[Symbol.dispose]();
    await folders[Symbol.asyncDispose]();
    if (cause instanceof CordonError || !isSystemError(cause)) throw cause;
    throw new CordonError(
      "not_writable",
      `Cannot use the data folder "${folders.data}": ${errorMessage(cause)}`,
      {
        hint: "Free some room there, or name another folder with --data",
        cause,
      },
    );
  }
}
