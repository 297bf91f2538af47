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
import type { GrantMode, Policy } from "./lifecycle/admission.ts";
import { discoverPlugins } from "./lifecycle/discovery.ts";
import { HostFolders } from "./lifecycle/folders.ts";
import {
  describePlugin,
  type PluginInfo,
  type PluginSummary,
  summarizePlugin,
} from "./lifecycle/plugin_summary.ts";
import { type PluginEntry, PluginTable } from "./lifecycle/plugin_table.ts";
import { resolvePlugins } from "./lifecycle/resolution.ts";
import { PluginRunner } from "./lifecycle/runner.ts";
import { startStages } from "./lifecycle/startup.ts";
import { writeBootstrap } from "./sandbox/bootstrap_file.ts";
import { createProcessSandboxes } from "./sandbox/process_sandbox.ts";
import { closureOf, type DependencyGraph } from "./solver/graph.ts";
import { Journal } from "./store/journal.ts";
import { LogStore } from "./store/log_store.ts";

/** What a host is opened with. */
export interface HostOptions {
  /** Folders that are plugins or hold some. */
  readonly plugins: readonly string[];
  /** Folder for everything the host keeps; made if it is not there. */
  readonly data: string;
  /** Values of `${variables}` in manifests. @default {{}} */
  readonly vars?: Readonly<Record<string, string>>;
  /** Whose consent counts. @default {"stored"} */
  readonly grant?: GrantMode;
  /** What the site allows. @default {{}} */
  readonly policy?: Policy;
  /**
   * Whether a permission whose variable has no value is left out instead of
   * blocking its plugin: for looking, not for running. @default {false}
   */
  readonly assumeVariables?: boolean;
  /** Plugins started at once. @default {twice the processors} */
  readonly concurrency?: number;
  /** Told of what does not fail anything but should be known. @default {nobody} */
  readonly onNotice?: (message: string) => void;
  /** Stops the host when it aborts. */
  readonly signal?: AbortSignal;
}

/** What accompanies a call from outside. */
export interface HostCallOptions {
  /** Milliseconds until the call fails; by default the plugin's `limits.call_timeout`. */
  readonly timeoutMs?: number;
  /** Cancels the call. */
  readonly signal?: AbortSignal;
}

/** Runs plugins. Made by {@linkcode openHost}. */
export class PluginHost implements AsyncDisposable {
  /** Everything that happened to the plugins. */
  readonly journal: Journal;
  readonly #options: HostOptions;
  readonly #folders: HostFolders;
  readonly #logs: LogStore;
  readonly #table: PluginTable;
  readonly #events = new EventBus();
  readonly #capabilities = new Capabilities();
  readonly #runner: PluginRunner;
  readonly #graph: DependencyGraph;
  readonly #onAbort = () => void this.stop();

  /** @ignore Use {@linkcode openHost}. */
  constructor(parts: {
    options: HostOptions;
    folders: HostFolders;
    journal: Journal;
    table: PluginTable;
    graph: DependencyGraph;
    bootstrap: string;
  }) {
    const { options, folders, journal, table, graph, bootstrap } = parts;
    this.#options = options;
    this.#folders = folders;
    this.#table = table;
    this.#graph = graph;
    this.journal = journal;
    this.#logs = new LogStore(folders.data, (message) => options.onNotice?.(message));
    this.#runner = new PluginRunner({
      table,
      folders,
      journal,
      capabilities: this.#capabilities,
      providers: graph.providers,
      events: this.#events,
      log: (record) => this.#logs.append(record),
      openSandbox: createProcessSandboxes({ bootstrap, socketDir: folders.sockets }),
    });
    options.signal?.addEventListener("abort", this.#onAbort, { once: true });
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
    const starts = (id: string) => this.#table.find(id)!.found.manifest!.run.activate.includes("startup");
    await this.#startAll((id) => starts(id));
    return this.list();
  }

  /** Stops every plugin, dependents first; the host can start again. */
  async stop(reason = "the host stops"): Promise<void> {
    for (const { ids } of [...this.#graph.stages].reverse()) {
      await Promise.all(ids.map((id) => this.#runner.stop(this.#table.find(id)!, reason)));
    }
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
    return describePlugin(this.#find(id));
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
    this.journal.close();
    await this.#logs[Symbol.asyncDispose]();
    await this.#folders[Symbol.asyncDispose]();
  }

  async #startAndCall(
    target: string,
    { method, args, options }: { method: string; args: readonly unknown[]; options: HostCallOptions },
  ): Promise<unknown> {
    const entry = this.#find(this.#graph.providers.get(target) ?? target);
    await this.#startWith(entry);
    if (entry.instance === undefined) throw this.#table.refusal(entry);
    return await entry.instance.invoke(method, args, options);
  }

  /** Starts one plugin with everything it waits for. */
  async #startWith(entry: PluginEntry): Promise<void> {
    if (entry.admitted === undefined || entry.state === "blocked") throw this.#table.refusal(entry);
    const needed = closureOf([entry.id], this.#graph.edges);
    await this.#startAll((id) => needed.has(id));
  }

  async #startAll(isWanted: (id: string) => boolean): Promise<void> {
    const { signal } = this.#options;
    await startStages(this.#graph.stages.map(({ ids }) => ids.filter(isWanted)), {
      edges: this.#graph.edges,
      concurrency: this.#options.concurrency ?? 2 * navigator.hardwareConcurrency,
      start: (id) => this.#runner.start(this.#table.find(id)!, { signal }),
      skip: (id, dependency) => {
        const entry = this.#table.find(id)!;
        if (!["ready", "stopped", "failed"].includes(entry.state)) return;
        this.#table.move(entry, "blocked", {
          reason: "dependency",
          message: `Cannot start "${id}": it needs "${dependency}", which did not start`,
          hint: `See why: cordon logs ${dependency}`,
        });
      },
      signal,
    });
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
  try {
    const journal = new Journal();
    const table = new PluginTable(journal);
    for (const found of await discoverPlugins(options.plugins)) table.add(found);
    const decisions = {
      vars: options.vars ?? {},
      grant: options.grant ?? "stored",
      policy: options.policy ?? {},
      assumeVariables: options.assumeVariables ?? false,
    };
    const graph = await resolvePlugins(table, { folders, decisions, signal: options.signal });
    const bootstrap = await writeBootstrap(folders.bootstrap);
    return new PluginHost({ options, folders, journal, table, graph, bootstrap });
  } catch (cause) {
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
