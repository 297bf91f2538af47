/**
 * Starts and stops single plugins and notices when one ends.
 *
 * @module
 */

import { CordonError, errorMessage } from "../errors.ts";
import { diff, intersect, type PermissionSet } from "../permissions/permission_set.ts";
import type { SandboxExit, SandboxStopOptions } from "../sandbox/sandbox.ts";
import type { GraphOptions } from "../solver/graph.ts";
import { createProvider } from "./capabilities/provider.ts";
import type { HealthMonitor } from "./health/health_monitor.ts";
import { Incarnation } from "./incarnation.ts";
import type { IncarnationContext, OpenOptions } from "./incarnation_context.ts";
import { describeEnd, type IncarnationEnd, type IncarnationFault } from "./incarnation_end.ts";
import { checkLimits } from "./limits/limit_demands.ts";
import type { PluginEntry, PluginTable } from "./plugin_table.ts";
import { Retirement } from "./retirement.ts";
import type { PluginState } from "./state.ts";
import type { Supervisor } from "./supervision/supervisor.ts";

/** Time for a plugin that reached a limit to end by itself. */
const LIMIT_GRACE_MS = 250;

/** States from which a plugin is started. */
const STARTABLE: ReadonlySet<PluginState> = new Set(["ready", "stopped", "failed", "backoff"]);

/** What the runner needs of its host. */
export interface RunnerContext extends IncarnationContext {
  readonly table: PluginTable;
  /** Watches the health of what serves. */
  readonly health: HealthMonitor;
  /** Why what a provider offers does not fit what a consumer was written against. */
  readonly isIncompatible: NonNullable<GraphOptions["isIncompatible"]>;
  /** Called when an incarnation begins to serve. */
  readonly onServe: (entry: PluginEntry) => void;
  /** Called when a plugin has ended, whatever ended it. */
  readonly onEnd: (entry: PluginEntry, end: IncarnationEnd) => void;
  /** Decides where a plugin goes that has ended by itself or did not start. */
  readonly supervisor: Pick<Supervisor, "cancel" | "noteEnd" | "noteFailedStart" | "noteRunning">;
  /** Told of what does not fail anything but should be known. */
  readonly onNotice: (message: string) => void;
}

/** Starts and stops plugins, one at a time each. */
export class PluginRunner {
  readonly #context: RunnerContext;
  /** The incarnations that serve. */
  readonly #serving = new WeakMap<PluginEntry, Incarnation>();
  readonly #retirement = new Retirement();
  /** Incarnations that were stopped to make room for the next. */
  readonly #vacated = new WeakSet<Incarnation>();

  /** @param context What it needs. */
  constructor(context: RunnerContext) {
    this.#context = context;
  }

  /**
   * Starts a plugin that is ready, stopped, failed or waits for its restart; its dependencies are the
   * caller's business. A start under way is joined.
   *
   * @throws {CordonError} `start_failed` or the reason why it cannot be started.
   */
  async start(entry: PluginEntry, { signal }: { signal?: AbortSignal } = {}): Promise<void> {
    if (entry.instance !== undefined) return;
    if (entry.admitted === undefined || !STARTABLE.has(entry.state)) {
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

  /**
   * Stops a plugin; one that waits for its restart waits no longer. A stop under way is joined.
   *
   * @returns False for what neither runs nor was to run again.
   */
  async stop(entry: PluginEntry, reason: string): Promise<boolean> {
    entry.reloading?.abort(reason);
    await entry.reloading?.done;
    // A start that fails has ended the plugin by itself.
    await entry.starting?.catch(() => {});
    await this.#retirement.end(entry, reason);
    if (entry.instance === undefined) return this.#context.supervisor.cancel(entry, reason);
    entry.stopping ??= this.#stop(entry, this.#serving.get(entry)!, reason);
    try {
      await entry.stopping;
      return true;
    } finally {
      entry.stopping = undefined;
    }
  }

  /** Stops a plugin that has nothing to do: from now on calls and events are for what starts after it. */
  async stopIdle(entry: PluginEntry): Promise<void> {
    this.#context.capabilities.withdraw(entry.id);
    this.#serving.get(entry)?.events.leave();
    await this.stop(entry, "it had nothing to do");
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

  async #start(entry: PluginEntry, signal: AbortSignal | undefined): Promise<void> {
    try {
      const incarnation = await this.#launch(entry, signal);
      await this.#bequeath(entry, incarnation);
      this.#install(entry, incarnation);
    } catch (error) {
      const hint = error instanceof CordonError ? error.hint : undefined;
      const detail = { message: errorMessage(error), ...(hint === undefined ? {} : { hint }) };
      this.#context.supervisor.noteFailedStart(entry, detail);
      throw error;
    }
  }

  /** Hands over what the version knew that a plugin went back to; without that it runs as well. */
  async #bequeath(entry: PluginEntry, { instance }: Incarnation): Promise<void> {
    const { inherited, id } = entry;
    entry.inherited = undefined;
    if (inherited === undefined) return;
    try {
      await instance.importState(inherited.state, inherited, entry.found.manifest!.reload);
    } catch (error) {
      this.#context.registry.note("state.not_restored", { message: errorMessage(error) }, id);
    }
  }

  /** The incarnation of a plugin that serves. */
  serving(entry: PluginEntry): Incarnation | undefined {
    return this.#serving.get(entry);
  }

  /**
   * Opens a sandbox for a plugin beside the one that serves.
   *
   * @param plan The plugin as it is to run.
   * @throws {CordonError} As a start.
   */
  openBeside(entry: PluginEntry, plan: PluginEntry, signal: AbortSignal | undefined): Promise<Incarnation> {
    return this.#watch(
      entry,
      (options) => Incarnation.open(plan, this.#context, { ...options, signal, isBeside: true }),
    );
  }

  /** Has another incarnation serve in place of the one that does, which goes when it has nothing to do any more. */
  replace(entry: PluginEntry, next: Incarnation): void {
    const before = this.#serving.get(entry);
    this.#install(entry, next);
    if (before === undefined) return;
    // Looked up when it is needed: whoever keeps an old one shall not keep all that came after it.
    before.instance.release(() => entry.instance === before.instance ? undefined : entry.instance);
    if (!this.#vacated.has(before)) this.#retirement.add(entry, before);
  }

  /** Stops the incarnation that serves to make room for the next; calls that it holds wait on. */
  async vacate(entry: PluginEntry, reason: string): Promise<void> {
    const serving = this.#serving.get(entry)!;
    this.#vacated.add(serving);
    await serving.stop({ graceMs: serving.plan.found.manifest!.reload.drainMs, reason });
  }

  /** Notes that a plugin whose incarnation was stopped to make room has no other. */
  abandon(entry: PluginEntry, why: { readonly message: string; readonly hint?: string }): void {
    const { instance } = this.#serving.get(entry)!;
    this.#serving.delete(entry);
    Object.assign(entry, { instance: undefined, supervision: undefined });
    this.#retire(entry);
    instance.release();
    this.#context.table.move(entry, "failed", why);
  }

  /** Starts an incarnation; what becomes of the plugin at its end is decided by whether it serves then. */
  #launch(entry: PluginEntry, signal: AbortSignal | undefined): Promise<Incarnation> {
    return this.#watch(
      entry,
      (options) => Incarnation.start({ ...entry }, this.#context, { ...options, signal }),
    );
  }

  #watch(entry: PluginEntry, open: (options: OpenOptions) => Promise<Incarnation>): Promise<Incarnation> {
    const opening = open({
      onBreach: (breach, { isUrgent }) =>
        void opening.then((incarnation) =>
          this.#stopFaulty(entry, incarnation, { breach, graceMs: LIMIT_GRACE_MS, isUrgent })
        ),
    });
    void opening.then(
      (incarnation) => incarnation.exited.then((exit) => this.#onExit(entry, incarnation, exit)),
      () => {
        // Whoever opened it is told.
      },
    );
    return opening;
  }

  /** Has an incarnation serve. */
  #install(entry: PluginEntry, incarnation: Incarnation): void {
    const { table, capabilities, health, isIncompatible, supervisor } = this.#context;
    const { instance, guards, supervision, usage } = incarnation;
    this.#serving.set(entry, incarnation);
    Object.assign(entry, { instance, guards, supervision });
    const names = Object.keys(entry.found.manifest!.provides);
    capabilities.replace(
      entry.id,
      new Map(names.map((name) => {
        const explain = (consumer: string) => isIncompatible(consumer, entry.id, name);
        return [name, createProvider(name, { entry, instance, isIncompatible: explain })];
      })),
    );
    table.move(entry, "running");
    const graceMs = entry.found.manifest!.reload.drainMs;
    const onFailure = (illness: string) => void this.#stopFaulty(entry, incarnation, { illness, graceMs });
    health.begin(entry, { instance, usage, onFailure });
    this.#context.onServe(entry);
    supervisor.noteRunning(entry);
  }

  async #stop(entry: PluginEntry, incarnation: Incarnation, reason: string): Promise<SandboxExit> {
    this.#context.table.move(entry, "stopping");
    this.#retire(entry);
    const exit = await incarnation.stop({ graceMs: entry.found.manifest!.reload.drainMs, reason });
    this.#context.table.move(entry, "stopped", { message: `Stopped: ${reason}` });
    this.#context.onEnd(entry, { exit, incarnation, wasAsked: true });
    return exit;
  }

  /** Ends an incarnation that reached a limit or is ill; that is a failure of the plugin, whatever it still did. */
  async #stopFaulty(
    entry: PluginEntry,
    incarnation: Incarnation,
    { graceMs, isUrgent, ...fault }: IncarnationFault & Omit<SandboxStopOptions, "reason">,
  ): Promise<void> {
    const { table } = this.#context;
    const why = describeEnd(entry.id, fault);
    const stop = incarnation.stop({ graceMs, reason: why.message, isUrgent });
    if (entry.stopping !== undefined || this.#serving.get(entry) !== incarnation) return void await stop;
    table.move(entry, "stopping", { message: why.message });
    this.#retire(entry);
    entry.stopping = stop;
    const exit = await stop;
    entry.stopping = undefined;
    this.#settleEnd(entry, { exit, ...fault, incarnation });
  }

  /** Nothing of it serves any more. */
  #retire(entry: PluginEntry): void {
    this.#context.capabilities.withdraw(entry.id);
    this.#context.health.end(entry);
  }

  #onExit(entry: PluginEntry, incarnation: Incarnation, exit: SandboxExit): void {
    const { registry } = this.#context;
    if (incarnation.hasRun) registry.note("plugin.exit", { ...exit }, entry.id);
    if (this.#serving.get(entry) !== incarnation || this.#vacated.has(incarnation)) return;
    this.#serving.delete(entry);
    Object.assign(entry, { instance: undefined, supervision: undefined });
    if (entry.state === "stopping" || entry.state === "stopped") return;
    this.#retire(entry);
    this.#settleEnd(entry, { exit, breach: incarnation.breach, incarnation });
  }

  #settleEnd(entry: PluginEntry, end: Omit<IncarnationEnd, "wasAsked">): void {
    this.#context.supervisor.noteEnd(entry, end);
    this.#context.onEnd(entry, { ...end, wasAsked: false });
  }
}
