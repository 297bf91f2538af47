/**
 * Starts and stops single plugins and notices when one ends.
 *
 * @module
 */

import type { Capabilities } from "../bus/capabilities.ts";
import type { EventBus, Held } from "../bus/event_bus.ts";
import type { SharedResources } from "../bus/resources/shared_resources.ts";
import { CordonError, errorMessage, isSystemError } from "../errors.ts";
import { prepareSource } from "../installer/prepare.ts";
import type { LogRecord } from "../internal/log_record.ts";
import { diff, intersect, type PermissionSet } from "../permissions/permission_set.ts";
import { formatFigure } from "../sandbox/limits/limit.ts";
import type { SandboxExit } from "../sandbox/sandbox.ts";
import type { Sandboxes } from "../sandbox/sandboxes.ts";
import type { GraphOptions } from "../solver/graph.ts";
import { createGuards } from "./capabilities/contract_guard.ts";
import { EventDelivery } from "./events/event_delivery.ts";
import type { HostFolders } from "./folders.ts";
import { describeBreach, type LimitBreach, toBreachError } from "./limits/limit_breach.ts";
import { checkLimits } from "./limits/limit_demands.ts";
import type { LimitWatch } from "./limits/limit_watch.ts";
import { PluginInstance } from "./instance.ts";
import { readEnvironment } from "./plugin_environment.ts";
import type { PeerSource } from "./recordings/peer_source.ts";
import type { PluginEntry, PluginTable } from "./plugin_table.ts";
import { createProvider } from "./capabilities/provider.ts";
import type { Registry } from "./registry.ts";
import { PluginServices } from "./services/plugin_services.ts";
import { superviseStart, type SupervisionContext } from "./consent/supervised_start.ts";
import type { Telemetry } from "./telemetry/telemetry.ts";
import type { WatchedPlugin } from "./limits/watched_plugin.ts";

/** Time for a plugin that reached a limit to end by itself. */
const LIMIT_GRACE_MS = 250;

/** What the runner needs of its host. */
export interface RunnerContext extends SupervisionContext {
  readonly table: PluginTable;
  readonly folders: HostFolders;
  readonly capabilities: Capabilities;
  /** Why what a provider offers does not fit what a consumer was written against. */
  readonly isIncompatible: NonNullable<GraphOptions["isIncompatible"]>;
  readonly events: EventBus;
  readonly resources: SharedResources;
  /** Events that a plugin is started for. */
  readonly heldFor: (id: string) => Held;
  readonly registry: Registry;
  readonly log: (record: LogRecord) => void;
  readonly sandboxes: Sandboxes;
  /** Called when a plugin has ended, whatever ended it. */
  readonly onEnd: (entry: PluginEntry) => void;
  readonly limits: LimitWatch;
  /** Watches calls, events and starts. */
  readonly telemetry: Telemetry;
  /** Told of what does not fail anything but should be known. */
  readonly onNotice: (message: string) => void;
  /** Makes our end of a plugin's channel, where that is not the usual one. */
  readonly peers: PeerSource;
}

/** Starts and stops plugins, one at a time each. */
export class PluginRunner {
  readonly #context: RunnerContext;

  /** @param context What it needs. */
  constructor(context: RunnerContext) {
    this.#context = context;
  }

  /**
   * Starts a plugin that is ready, stopped or failed; its dependencies are the
   * caller's business. A start under way is joined.
   *
   * @throws {CordonError} `start_failed` or the reason why it cannot be started.
   */
  async start(entry: PluginEntry, { signal }: { signal?: AbortSignal } = {}): Promise<void> {
    if (entry.instance !== undefined) return;
    if (entry.admitted === undefined || !["ready", "stopped", "failed"].includes(entry.state)) {
      if (entry.starting !== undefined) return await entry.starting;
      throw this.#context.table.refusal(entry);
    }
    checkLimits(entry, this.#context);
    this.#context.table.move(entry, "starting");
    entry.starting = this.#context.telemetry.start(entry.id, () => this.#start(entry, signal));
    try {
      await entry.starting;
    } finally {
      entry.starting = undefined;
    }
  }

  /** Stops a plugin; what does not run is left alone. A stop under way is joined. */
  async stop(entry: PluginEntry, reason: string): Promise<SandboxExit | undefined> {
    // A start that fails has ended the plugin by itself.
    await entry.starting?.catch(() => {});
    if (entry.instance === undefined) return undefined;
    entry.stopping ??= this.#stop(entry, entry.instance, reason);
    try {
      return await entry.stopping;
    } finally {
      entry.stopping = undefined;
    }
  }

  /**
   * Takes permissions back from a supervised plugin that runs, from its next check on; what
   * it has open stays open.
   *
   * @param reason Told to the plugin.
   * @returns False for one that is not supervised or does not run: only a restart narrows that.
   */
  narrow(entry: PluginEntry, permissions: PermissionSet, reason: string): boolean {
    const { supervision, admitted } = entry;
    if (supervision === undefined || admitted === undefined) return false;
    const { narrowed } = diff(supervision.permissions, intersect(supervision.permissions, permissions));
    supervision.narrow(permissions, reason);
    entry.admitted = { ...admitted, permissions: supervision.permissions };
    if (narrowed.length > 0) {
      this.#context.registry.journal.append("permission.narrowed", { reason, narrowed }, entry.id);
    }
    return true;
  }

  async #stop(entry: PluginEntry, instance: PluginInstance, reason: string): Promise<SandboxExit> {
    this.#context.table.move(entry, "stopping");
    this.#context.capabilities.withdraw(entry.id);
    const exit = await instance.stop({ graceMs: entry.found.manifest!.reload.drainMs, reason });
    this.#context.table.move(entry, "stopped", { message: `Stopped: ${reason}` });
    this.#context.onEnd(entry);
    return exit;
  }

  async #start(entry: PluginEntry, signal: AbortSignal | undefined): Promise<void> {
    const { table, folders, capabilities, sandboxes, limits, telemetry } = this.#context;
    const manifest = entry.found.manifest!;
    const context = { config: {}, vars: { ...entry.admitted!.vars } };
    const running = Promise.withResolvers<PluginInstance>();
    const services = new PluginServices({
      ...this.#context,
      manifest,
      held: () => this.#context.heldFor(entry.id),
      delivery: new EventDelivery({
        running: running.promise,
        subscriber: entry.id,
        observer: telemetry,
        timeoutMs: manifest.limits.callTimeoutMs,
        isStopping: () => watched?.breach === undefined && ["stopping", "stopped"].includes(entry.state),
        print: (line) => services.print("stderr", line),
      }),
      onRefusal: (message) => this.#context.registry.note("call.refused", { message }, entry.id),
    });
    // One that goes on is not news.
    const cut = new AbortController();
    let watched: WatchedPlugin | undefined;
    try {
      // A process that is not kept could be left behind unseen.
      this.#context.registry.settle();
      const { data, scratch, deno } = await folders.makeForPlugin(entry.id);
      const source = { dir: entry.found.dir, main: manifest.main };
      const prepared = await prepareSource(source, entry.report!, { preparedDir: folders.prepared, signal });
      const supervised = superviseStart(entry, this.#context, prepared.codeDir);
      await limits.prepare();
      watched = limits.open(manifest, {
        folders: { data, cache: [deno, scratch] },
        mayRun: supervised.permissions.run.length > 0,
        actions: {
          note: (stage, figure) =>
            this.#context.registry.note(
              "plugin.limit",
              { ...figure, stage, message: formatFigure(figure) },
              entry.id,
            ),
          stop: (breach, { isUrgent }) => {
            if (entry.instance === undefined) cut.abort(toBreachError(entry.id, breach));
            else void this.#stopAtLimit(entry, entry.instance, { breach, isUrgent });
          },
        },
      });
      const instance = await PluginInstance.start({
        manifest,
        entry: prepared.entry,
        context,
        observer: telemetry,
        openSandbox: watched.confine(sandboxes[manifest.run.mode]),
        onOpen: ({ peer }) => services.connect(peer),
        signal: signal === undefined ? cut.signal : AbortSignal.any([signal, cut.signal]),
        spec: {
          id: entry.id,
          codeDir: prepared.codeDir,
          dataDir: data,
          scratchDir: scratch,
          denoDir: deno,
          env: readEnvironment(supervised.permissions.env),
          heapMib: watched.heapMib,
          bounds: watched.bounds,
          handlers: services.handlers,
          notifications: services.notifications,
          streamIdleMs: manifest.limits.streamIdleMs,
          onRefused: (error) => services.noteRefusal(error),
          onStreamFault: (error) => services.noteStreamFault(error),
          ...supervised,
          connect: this.#context.peers.connectFor(entry, {
            ...supervised,
            ...context,
            ...prepared,
            data,
            scratch,
          }),
          onSpawn: (pid) => this.#context.registry.keepProcess(entry.id, pid),
          onOutput: (stream, line) => services.print(stream, line),
        },
      });
      for (const message of instance.notes) {
        this.#context.registry.note("sandbox.note", { message }, entry.id);
      }
      entry.instance = instance;
      entry.guards = createGuards(entry.report?.contracts, {
        provider: entry.id,
        onBreach: (message) => this.#context.registry.note("contract.broken", { message }, entry.id),
      });
      watched.serve();
      running.resolve(instance);
      for (const name of Object.keys(manifest.provides)) {
        const isIncompatible = (consumer: string) => this.#context.isIncompatible(consumer, entry.id, name);
        capabilities.announce(name, createProvider(name, { entry, instance, isIncompatible }));
      }
      table.move(entry, "running");
      void instance.exited.then((exit) => this.#onExit(entry, exit, { services, breach: watched?.breach }));
    } catch (cause) {
      const error = watched?.breach !== undefined
        ? toBreachError(entry.id, watched.breach)
        : cause instanceof CordonError || !isSystemError(cause)
        ? cause
        : new CordonError("start_failed", `Cannot start "${entry.id}": ${errorMessage(cause)}`, { cause });
      running.reject(error);
      entry.supervision = undefined;
      services[Symbol.dispose]();
      const hint = error instanceof CordonError ? error.hint : undefined;
      table.move(entry, "failed", { message: errorMessage(error), ...(hint === undefined ? {} : { hint }) });
      throw error;
    }
  }

  /** Ends a plugin that reached a limit; it has failed then, whatever it still did. */
  async #stopAtLimit(
    entry: PluginEntry,
    instance: PluginInstance,
    { breach, isUrgent }: { breach: LimitBreach; isUrgent: boolean },
  ): Promise<void> {
    const { table, capabilities } = this.#context;
    const reason = describeBreach(entry.id, breach).message;
    const stop = instance.stop({ graceMs: LIMIT_GRACE_MS, reason, isUrgent });
    if (entry.stopping !== undefined) return void await stop;
    table.move(entry, "stopping", { message: reason });
    capabilities.withdraw(entry.id);
    entry.stopping = stop;
    await stop;
    entry.stopping = undefined;
    table.move(entry, "failed", describeBreach(entry.id, breach));
    this.#context.onEnd(entry);
  }

  #onExit(
    entry: PluginEntry,
    exit: SandboxExit,
    { services, breach }: { services: PluginServices; breach: LimitBreach | undefined },
  ): void {
    const { table, capabilities, registry } = this.#context;
    services[Symbol.dispose]();
    entry.instance = undefined;
    entry.supervision = undefined;
    registry.note("plugin.exit", { ...exit }, entry.id);
    if (entry.state === "stopping" || entry.state === "stopped") return;
    capabilities.withdraw(entry.id);
    const how = exit.signal === undefined ? `code ${exit.code}` : `signal ${exit.signal}`;
    const ended = exit.reason === undefined
      ? `"${entry.id}" ended by itself with ${how}`
      : `"${entry.id}" was ended: ${exit.reason}`;
    table.move(
      entry,
      "failed",
      breach !== undefined
        ? describeBreach(entry.id, breach)
        : { message: ended, hint: `See what it printed: cordon logs ${entry.id}` },
    );
    this.#context.onEnd(entry);
  }
}
