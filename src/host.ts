/**
 * The host: it builds the parts, owns their lifetime and is what the command
 * line and library users talk to.
 *
 * @module
 */

import { followEvents, type HostEvent } from "./bus/event_stream.ts";
import type { ResourceSummary } from "./bus/resources/resource_summary.ts";
import { isTopic } from "./bus/topic.ts";
import type { CapabilityDirectory } from "./lifecycle/capabilities/capability_directory.ts";
import {
  type CapabilityTypes,
  typesOfProvided,
  typesOfUsed,
} from "./lifecycle/capabilities/capability_types.ts";
import type { Consents } from "./lifecycle/consent/consents.ts";
import { describeHealth, type HealthState } from "./lifecycle/health/health_state.ts";
import type { CrashReport } from "./lifecycle/crashes/crash_report.ts";
import { buildMachinery, type HostMachinery } from "./lifecycle/host_machinery.ts";
import { closeAll, replayAlone, startAll, stopAll } from "./lifecycle/host_phases.ts";
import type { HostCallOptions, HostOptions } from "./lifecycle/host_options.ts";
import { describeEntry, type HostParts, openHostParts } from "./lifecycle/host_parts.ts";
import type { PluginMetrics } from "./lifecycle/telemetry/plugin_metrics.ts";
import type { PluginInfo, PluginSummary } from "./lifecycle/plugin_summary.ts";
import { summarizePlugin } from "./lifecycle/plugin_summary.ts";
import type { RecordingSummary, RecordOptions } from "./lifecycle/recordings/recordings.ts";
import type { PluginReplay } from "./lifecycle/recordings/replaying.ts";
import { createLiveFolders, type LiveFolders } from "./reload/live_folders.ts";
import { Reloader } from "./reload/reloader.ts";
import type { PluginEntry } from "./lifecycle/plugin_table.ts";
import type { KeptVersion } from "./lifecycle/versions/kept_version.ts";
import type { SubscribeOptions } from "./sdk/events.ts";
import type { DependencyGraph } from "./solver/graph.ts";
import type { Journal } from "./store/journal.ts";

/** How long an event of the host waits for subscribers with the rule `block`. */
const PUBLISH_TIMEOUT_MS = 5_000;

/** Runs plugins. Made by {@linkcode openHost}. */
export class PluginHost implements AsyncDisposable {
  readonly #parts: HostParts;
  readonly #machinery: HostMachinery;
  readonly #reloader: Reloader;
  readonly #folders: LiveFolders;
  /** What administrators decide about plugins. */
  readonly consents: Consents;
  /** Who provides what to whom, and which provider is to be taken. */
  readonly capabilities: CapabilityDirectory;
  readonly #onAbort = () => void this.stop();

  /** @ignore Use {@linkcode openHost}. */
  constructor(parts: HostParts) {
    this.#parts = parts;
    this.#machinery = buildMachinery(parts, () => this.#reloader);
    this.#reloader = new Reloader({ ...parts, ...this.#machinery, onNotice: parts.options.onNotice });
    this.#folders = createLiveFolders(parts, { ...this.#machinery, reloader: this.#reloader });
    this.consents = this.#machinery.consents;
    this.capabilities = this.#machinery.directory;
    parts.options.signal?.addEventListener("abort", this.#onAbort, { once: true });
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
   * Starts every plugin that is ready, stage by stage; one that fails holds back its dependents only.
   *
   * @returns All plugins, as {@linkcode PluginHost.list}.
   */
  async start(): Promise<PluginSummary[]> {
    await startAll(this.#parts, this.#machinery);
    if (this.#parts.options.watch) await this.#folders.watch();
    return this.list();
  }

  /** Stops every plugin, dependents first; the host can start again. */
  async stop(reason = "the host stops"): Promise<void> {
    await this.#folders.unwatch();
    await stopAll(this.#machinery, reason);
    await this.#reloader.rest();
  }

  /**
   * Starts one plugin with everything it needs, now and as if none of them had ever failed.
   *
   * @throws {CordonError} `not_found`, `start_failed`, or the reason why it cannot be started.
   */
  async startPlugin(id: string): Promise<void> {
    const entry = this.#parts.table.require(id);
    this.#machinery.conductor.resetWithNeeds(entry);
    await this.#machinery.conductor.start(entry);
  }

  /**
   * Stops one plugin after those that need it; one that waits for its restart is not started again.
   *
   * @returns The ids of those that were stopped, in that order.
   * @throws {CordonError} `not_found`, or `not_running`.
   */
  stopPlugin(id: string, reason = "stopped by the administrator"): Promise<string[]> {
    return this.#machinery.conductor.stop(this.#parts.table.require(id), reason);
  }

  /**
   * Stops one plugin with those that need it, and starts them again.
   *
   * @throws {CordonError} As {@linkcode PluginHost.startPlugin}.
   */
  async restartPlugin(id: string): Promise<void> {
    await this.#machinery.conductor.restart(this.#parts.table.require(id));
  }

  /**
   * Reads a plugin's folder again and lets the version there take over: without losing a call, an event or,
   * where its manifest says so, what it knows.
   *
   * @param options `force`: even if the plugin was rolled back from it.
   * @throws {CordonError} `not_found`; `invalid_plugin`, `consent`, `policy`, `dependency`, `rejected`, and the
   * new version is `pending`; `reload_failed` for one that failed at it. The one that runs goes on.
   */
  reload(id: string, { force = false }: { readonly force?: boolean } = {}): Promise<PluginSummary> {
    return this.#change(id, (entry) => this.#reloader.reload([entry], { force }));
  }

  /**
   * Lets an earlier version of a plugin take over; the one that was there is not let in again as it is.
   *
   * @param options `to`: version or beginning of a hash; by default the one that ran last.
   * @throws {CordonError} `not_found`, `rejected`, else as {@linkcode PluginHost.reload}.
   */
  rollback(id: string, { to }: { readonly to?: string } = {}): Promise<PluginSummary> {
    return this.#change(id, (entry) => this.#reloader.rollBack(entry, { to }));
  }

  /** The versions that a plugin can go back to, and those that it was rolled back from; the latest first. */
  versions(id: string): KeptVersion[] {
    return this.#machinery.versions.list(this.#parts.table.require(id));
  }

  /**
   * Looks at every plugin folder, watched or not: plugins that came, changed or went there do so here.
   *
   * @throws {CordonError} Why something could not be brought into force: the rest is.
   */
  async rescan(): Promise<PluginSummary[]> {
    await this.#folders.rescan();
    return this.list();
  }

  /** The things that plugins share, by name: who holds what, and who waits. */
  resources(): ResourceSummary[] {
    return this.#machinery.resources.list();
  }

  /**
   * Records what a plugin and the host send each other, from a start of the plugin on: one that runs is
   * started again, with those that need it.
   *
   * @param options The file, and what ends the recording besides the signal and the end of the plugin.
   * @throws {CordonError} `not_found`, `already_recorded`, `invalid_input` or `not_writable` for the file, or
   * as {@linkcode PluginHost.startPlugin}.
   */
  async record(
    id: string,
    { signal = new AbortController().signal, ...options }: RecordOptions & { signal?: AbortSignal },
  ): Promise<RecordingSummary> {
    const entry = this.#parts.table.require(id);
    return await this.#machinery.recordings.record(entry, options, {
      start: () => entry.instance === undefined ? this.startPlugin(id) : this.restartPlugin(id),
      call: ({ method, args }) => this.call(id, method, args, { signal }),
      signal,
    });
  }

  /** @ignore For `cordon replay`: runs the plugin of a recording alone against it. */
  replay(): Promise<PluginReplay> {
    return replayAlone(this.#parts, this.#machinery);
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
    return describeEntry(this.#parts, id);
  }

  /** How a plugin is, why, and what it was like; throws `not_found`. */
  health(id: string): HealthState {
    return describeHealth(this.#parts.table.require(id));
  }

  /** How a plugin, or any, ended that nobody had stopped, and starts that failed; the newest first. */
  crashes(id?: string): CrashReport[] {
    return this.#parts.registry.crashes.list(id).map((text) => JSON.parse(text));
  }

  /** What each plugin does and uses, by id: calls, how long they take, events, memory, processor. */
  metrics(): PluginMetrics[] {
    return this.#machinery.telemetry.list();
  }

  /**
   * The types of the capabilities that a plugin uses, or of those it provides.
   *
   * @throws {CordonError} `not_found`.
   */
  types(id: string, { provided = false }: { readonly provided?: boolean } = {}): CapabilityTypes[] {
    const { table, resolution: { graph } } = this.#parts;
    if (provided) return typesOfProvided(table.require(id));
    return typesOfUsed(table.require(id), { plugins: table.list(), bindings: graph.bindings.get(id) });
  }

  /**
   * Calls a method. What is needed for it is started first.
   *
   * @param target Plugin id or capability.
   * @param method Name of the method.
   * @param args Its arguments: JSON-shaped, with `Uint8Array` where bytes are meant.
   * @throws {CordonError} `not_found`, `consent`, `dependency`, `start_failed`, `method_not_found`,
   * `deadline_exceeded`; `plugin_down` for a plugin that ended and is not back in time; `invalid_argument` or `contract_broken` where the capability has a contract;
   * `plugin_error` for what the method threw.
   */
  call(
    target: string,
    method: string,
    args: readonly unknown[] = [],
    options: HostCallOptions = {},
  ): Promise<unknown> {
    return this.#machinery.calls.call({ target, method, args, options });
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
    const traceparent = this.#machinery.telemetry.publish({ topic, publisher: "host", trace: undefined });
    const options = { waitMs: timeoutMs, traceparent };
    return this.#machinery.events.publish(topic, value, "host", options) ?? Promise.resolve();
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
    return followEvents(this.#machinery.events, pattern, options);
  }

  /** Stops everything and lets go of the data folder. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#parts.options.signal?.removeEventListener("abort", this.#onAbort);
    await this.stop("the host closes");
    await this.#reloader[Symbol.asyncDispose]();
    await closeAll(this.#parts, this.#machinery);
  }

  async #change(id: string, change: (entry: PluginEntry) => Promise<void>): Promise<PluginSummary> {
    await change(this.#parts.table.require(id));
    return summarizePlugin(this.#parts.table.require(id));
  }
}

/**
 * Opens a host: finds plugins, checks them, resolves their dependencies. None of their code runs before a start or call.
 *
 * @throws {CordonError} `not_found` if a plugin folder is not there, `not_writable` for the data folder.
 */
export async function openHost(options: HostOptions): Promise<PluginHost> {
  return new PluginHost(await openHostParts(options));
}
