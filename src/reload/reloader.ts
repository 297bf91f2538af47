/**
 * Has new versions of running plugins take over without losing a call, an
 * event or what they know: several that changed together take over together,
 * or none of them does.
 *
 * @module
 */

import { CordonError, errorMessage } from "../errors.ts";
import { startsOnCall } from "../lifecycle/activation.ts";
import type { Conductor } from "../lifecycle/conductor.ts";
import type { PluginEntry, PluginTable } from "../lifecycle/plugin_table.ts";
import type { Registry } from "../lifecycle/registry.ts";
import type { Resolution } from "../lifecycle/resolution.ts";
import type { PluginRunner } from "../lifecycle/runner.ts";
import type { VersionKeeper } from "../lifecycle/versions/version_keeper.ts";
import { makeDraft } from "../lifecycle/draft.ts";
import { type Draft, isAlive, type Takeover } from "../lifecycle/takeover.ts";
import { closureOf } from "../solver/graph.ts";
import { findAffected } from "./affected_consumers.ts";
import { ReloadFailure } from "./reload_failure.ts";
import { rollBack, type RollbackOrder } from "./rollback.ts";
import { encodeState } from "./state_snapshot.ts";
import { Standby } from "./standby.ts";
import { Swap } from "./swap.ts";

/** What the reloader needs. */
export interface ReloaderContext {
  readonly table: PluginTable;
  readonly resolution: Resolution;
  readonly conductor: Conductor;
  readonly registry: Registry;
  readonly runner: PluginRunner;
  readonly takeover: Takeover;
  readonly versions: VersionKeeper;
  /** Compares the contracts of plugins. */
  readonly verdicts: { prepare(entries: readonly PluginEntry[]): Promise<void> };
  /** Told of what somebody should know. */
  readonly onNotice?: (message: string) => void;
}

/** What accompanies a reload. */
export interface ReloadOptions {
  /** What changed. @default {nothing that is known} */
  readonly files?: ChangedFiles;
  /** Whether what was rolled back from may take over again. @default {false} */
  readonly force?: boolean;
}

/** Files that changed, by plugin id, as far as that is known. */
export type ChangedFiles = ReadonlyMap<string, readonly string[]>;

/** Reloads plugins. */
export class Reloader implements AsyncDisposable {
  readonly #context: ReloaderContext;
  readonly #standby: Standby;

  /** @param context What it needs. */
  constructor(context: ReloaderContext) {
    this.#context = context;
    this.#standby = new Standby(context);
  }

  /**
   * Reads the folders of some plugins again and lets what is there take over, all or nothing.
   *
   * @param entries The plugins.
   * @throws {CordonError} `not_found`; `invalid_plugin`, `consent`, `policy`, `dependency` or `rejected` for a
   * version that cannot take over: it is kept as pending; `reload_failed` for one that failed at it. What ran
   * runs on.
   */
  async reload(entries: readonly PluginEntry[], { files, force }: ReloadOptions = {}): Promise<void> {
    const { takeover } = this.#context;
    await takeover.inTurn(async () => this.reloadNow(await takeover.readDrafts(entries, { force }), files));
  }

  /**
   * Has a plugin go back to an earlier version.
   *
   * @throws {CordonError} `not_found` or `rejected` for the version, else as `reload`.
   */
  async rollBack(entry: PluginEntry, order: RollbackOrder): Promise<void> {
    const bringIn = (version: Draft) => this.reloadNow([version]);
    await this.#context.takeover.inTurn(() => rollBack(entry, order, { ...this.#context, bringIn }));
  }

  /** Lets versions take over, in the turn of whoever calls. */
  async reloadNow(versions: readonly Draft[], files: ChangedFiles = new Map()): Promise<void> {
    const { takeover } = this.#context;
    const refused = versions.filter(({ refused }) => refused !== undefined);
    const errors = refused.map((version) => takeover.refuse(version));
    if (refused.length > 0) {
      // What does not run is what its folder says, whatever becomes of the others.
      for (const version of versions) {
        // The copy of an earlier version is whole, whatever the folder holds.
        if (!isAlive(version.entry) && version.entry.rolledBack === undefined) {
          await takeover.restart(version);
        }
      }
      throw errors[0];
    }
    for (let left = [...versions]; left.length > 0;) {
      // What a call has started meanwhile is swapped as well: it may be answering.
      await Promise.all(left.map(({ entry }) => entry.starting?.catch(() => {})));
      const running = left.filter(({ entry }) => entry.instance !== undefined);
      if (running.length === 0) await takeover.restart(left.shift()!);
      else await this.#swapWithConsumers(running, files);
      left = left.filter((version) => !running.includes(version));
    }
  }

  /** Ends what waits for a plugin that stops, or has gone. */
  async forget(entry: PluginEntry): Promise<void> {
    await this.#standby.release(entry);
  }

  /** Ends what waits for any plugin; it is there again after the next reload. */
  async rest(): Promise<void> {
    await this.#standby.releaseAll();
  }

  /** Ends what waits, when nothing takes over any more. */
  async [Symbol.asyncDispose](): Promise<void> {
    // A version that has lost its trial may be on its way out.
    await this.#context.takeover.inTurn(() => Promise.resolve());
    await this.#standby[Symbol.asyncDispose]();
  }

  async #swapWithConsumers(running: readonly Draft[], files: ChangedFiles): Promise<void> {
    const { takeover } = this.#context;
    const consumers = findAffected(running, this.#context).map((entry) => ({
      entry,
      draft: makeDraft(entry, entry),
    }));
    await this.#swapAll([...running, ...await takeover.examine(consumers)], files);
  }

  async #swapAll(versions: readonly Draft[], files: ChangedFiles): Promise<void> {
    const { table, registry } = this.#context;
    const beganAt = performance.now();
    const ending = new AbortController();
    const done = Promise.withResolvers<void>();
    const abort = (reason: string) => ending.abort(new CordonError("cancelled", `Cannot go on: ${reason}`));
    const busy = versions.find(({ entry }) => entry.state !== "running" && entry.state !== "degraded");
    if (busy !== undefined) {
      const { id, state } = busy.entry;
      throw new CordonError("not_running", `Cannot reload "${id}" now: it is ${state}`);
    }
    for (const { entry } of versions) {
      entry.reloading = { abort, done: done.promise };
      table.move(entry, "reloading");
    }
    const froms = versions.map(({ entry }) => entry.found.manifest!.version);
    const swaps = versions.map((version) =>
      new Swap(version, {
        runner: this.#context.runner,
        standby: this.#standby,
        adopt: (one) => this.#context.takeover.adopt(one),
        findCopy: (plan) => this.#context.versions.findCopy(plan),
      })
    );
    try {
      await this.#startRequired(versions);
      const holdMs = await this.#swap(swaps, ending.signal);
      const tookMs = performance.now() - beganAt;
      for (const [index, { version, id, hasState, left }] of swaps.entries()) {
        const facts = { from: froms[index], to: version.draft.found.manifest!.version, hasState };
        const figures = { holdMs: round(holdMs), tookMs: round(tookMs), files: files.get(id) };
        const message = describeReload({ ...facts, ...figures });
        registry.note("plugin.reloaded", { ...facts, ...figures, message }, id);
        this.#standby.prepareLater(version.entry);
        const { plan, state } = left;
        if (state !== undefined) void this.#context.versions.keepState(plan, encodeState(state));
      }
    } catch (error) {
      await this.#goBack(swaps, error, files);
      throw this.#explain(versions, error);
    } finally {
      for (const { entry } of versions) entry.reloading = undefined;
      done.resolve();
    }
  }

  /** Starts what the new versions cannot run without and the old ones could. */
  async #startRequired(versions: readonly Draft[]): Promise<void> {
    const { resolution, table, conductor } = this.#context;
    const { edges } = resolution.graphWith(versions.map(({ draft }) => draft));
    const needed = closureOf(
      versions.map(({ entry }) => entry.id),
      edges.filter(({ optional }) => !optional),
    );
    const missing = [...needed].filter((id) => {
      const entry = table.find(id);
      return entry?.state === "ready" && !startsOnCall(entry.found.manifest!);
    });
    if (missing.length > 0) await conductor.startThese(missing);
  }

  /** @returns Milliseconds for which calls and events were held. */
  async #swap(swaps: readonly Swap[], signal: AbortSignal): Promise<number> {
    const { resolution } = this.#context;
    for (const stage of this.#inStages(swaps.filter(({ isExclusive }) => !isExclusive))) {
      await everyOne(stage, (swap) => swap.start(signal));
    }
    signal.throwIfAborted();
    // A plugin of these whose calls are still under way may need another one to end them.
    const draining = new Set(swaps.map(({ id }) => id));
    for (const swap of swaps) swap.hold((caller) => caller !== undefined && draining.has(caller));
    await everyOne(swaps, (swap) => swap.drain().finally(() => draining.delete(swap.id)));
    await everyOne(swaps, (swap) => swap.export());
    for (const stage of this.#inStages(swaps)) await everyOne(stage, (swap) => swap.vacate(signal));
    for (const stage of this.#inStages(swaps)) await everyOne(stage, (swap) => swap.import());
    signal.throwIfAborted();
    for (const swap of swaps) swap.assertReady();
    // Each move by itself: what cannot be written now is owed, and stops nobody in the middle.
    for (const swap of swaps) swap.switch();
    resolution.resolve();
    return Math.max(...swaps.map(({ heldMs }) => heldMs));
  }

  /** Those that others need first. */
  #inStages(swaps: readonly Swap[]): Swap[][] {
    const { stages } = this.#context.resolution.graph;
    return stages.map(({ ids }) => swaps.filter(({ id }) => ids.includes(id)))
      .filter((stage) => stage.length > 0);
  }

  async #goBack(swaps: readonly Swap[], error: unknown, files: ChangedFiles): Promise<void> {
    const { registry, runner, table } = this.#context;
    for (const swap of swaps) {
      const { entry, draft } = swap.version;
      try {
        await swap.undo();
        if (entry.state === "reloading") table.move(entry, "running");
        const { reason } = entry.degradations;
        if (reason !== undefined && entry.state === "running") {
          table.move(entry, "degraded", { message: `"${entry.id}" is degraded: ${reason}` });
        }
      } catch (cause) {
        const message = `The version before "${entry.id}" did not start again: ${errorMessage(cause)}`;
        runner.abandon(entry, { message, hint: `See what it printed: cordon logs ${entry.id}` });
      }
      const step = error instanceof ReloadFailure ? error.step : "switch";
      const to = draft.found.manifest!.version;
      const facts = { to, step, reason: errorMessage(error), files: files.get(entry.id) };
      registry.note("plugin.reload_failed", facts, entry.id);
    }
  }

  #explain(versions: readonly Draft[], error: unknown): unknown {
    if (!(error instanceof ReloadFailure)) return error;
    const { entry } = versions[0]!;
    const runsOn = entry.instance === undefined ? undefined : entry.found.manifest!.version;
    return error.toError(entry.id, runsOn);
  }
}

function round(ms: number): number {
  return Number(ms.toFixed(3));
}

/** Takes a step with each of some; fails when all have ended, with what failed first in their order. */
async function everyOne(swaps: readonly Swap[], step: (swap: Swap) => Promise<void>): Promise<void> {
  const results = await Promise.allSettled(swaps.map(step));
  const failed = results.find((result) => result.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}

/** A takeover in one sentence. */
function describeReload(
  { from, to, holdMs, tookMs, files = [] }: {
    readonly from: string | undefined;
    readonly to: string;
    readonly holdMs: number;
    readonly tookMs: number;
    readonly files?: readonly string[] | undefined;
  },
): string {
  const named = files.slice(0, 3).join(", ");
  const more = files.length > 3 ? ` and ${files.length - 3} more` : "";
  const why = files.length === 0 ? "" : ` (${named}${more} changed)`;
  const held = holdMs === 0 ? "no call waited" : `calls waited for ${holdMs} ms`;
  return `${to} took over from ${from} in ${tookMs} ms, ${held}${why}`;
}
