/**
 * Stops plugins that have had nothing to do for as long as their manifest says
 * and that start again on demand: one timer for all, and none while no such
 * plugin runs.
 *
 * @module
 */

import type { EventBus } from "../../bus/event_bus.ts";
import { errorMessage } from "../../errors.ts";
import { startsOnCall } from "../activation.ts";
import type { PluginInstance } from "../instance.ts";
import type { PluginEntry, PluginTable } from "../plugin_table.ts";
import type { Resolution } from "../resolution.ts";
import type { PluginRunner } from "../runner.ts";
import type { PluginState } from "../state.ts";
import type { Takeover } from "../takeover.ts";

/** Looks within the time after which a plugin is stopped. */
const LOOKS = 8;
/** Bounds of the time between two looks. */
const MIN_LOOK_MS = 10;
const MAX_LOOK_MS = 5_000;

/** States in which a plugin may be idle. */
const SERVING: ReadonlySet<PluginState> = new Set(["running", "degraded"]);

/** What it needs. */
export interface IdleWatchContext {
  readonly table: Pick<PluginTable, "find" | "move" | "watch">;
  readonly runner: Pick<PluginRunner, "stopIdle">;
  readonly resolution: Pick<Resolution, "graph">;
  readonly events: Pick<EventBus, "isBehind">;
  /** What changes plugins: nothing is stopped in between. */
  readonly takeover: Pick<Takeover, "isBusy">;
  /** Told when a plugin could not be stopped. */
  readonly onNotice: (message: string) => void;
  /** The clock, in milliseconds. */
  readonly now?: () => number;
}

/** A plugin that is stopped when it is idle. */
interface Watched {
  readonly entry: PluginEntry;
  readonly idleStopMs: number;
  readonly instance: PluginInstance;
  /** What had begun at the last look. */
  begun: number;
  /** Since when nothing goes on. */
  since: number;
}

/** Watches for plugins that have nothing to do. */
export class IdleWatch {
  readonly #context: IdleWatchContext;
  readonly #now: () => number;
  readonly #watched = new Map<string, Watched>();
  #timer: ReturnType<typeof setInterval> | undefined;
  #lookMs = 0;

  /** @param context What it needs. */
  constructor(context: IdleWatchContext) {
    this.#context = context;
    this.#now = context.now ?? (() => performance.now());
    context.table.watch((entry) => this.#follow(entry));
  }

  /** Looks at each of them, and stops those that are idle for long enough. */
  look(): void {
    if (this.#context.takeover.isBusy) return;
    const now = this.#now();
    for (const watched of this.#watched.values()) {
      const { entry, instance, idleStopMs } = watched;
      const { begun } = instance.activity;
      if (begun !== watched.begun || instance.isBusy) {
        Object.assign(watched, { begun, since: now });
      } else if (now - watched.since >= idleStopMs) {
        if (this.#isWanted(entry)) watched.since = now;
        else void this.#stop(entry);
      }
    }
  }

  #follow(entry: PluginEntry): void {
    const { instance, found: { manifest }, id, state } = entry;
    const idleStopMs = manifest?.run.idleStopMs;
    const known = this.#watched.get(id);
    if (idleStopMs === undefined || instance === undefined || !SERVING.has(state)) {
      if (!this.#watched.delete(id)) return;
    } else if (known?.instance === instance && known.idleStopMs === idleStopMs) return;
    else {
      const { begun } = instance.activity;
      this.#watched.set(id, { entry, instance, idleStopMs, begun, since: this.#now() });
    }
    this.#arm();
  }

  /** Looks as often as the plugin needs that is stopped the soonest. */
  #arm(): void {
    const soonest = Math.min(...[...this.#watched.values()].map(({ idleStopMs }) => idleStopMs));
    const lookMs = Number.isFinite(soonest)
      ? Math.min(MAX_LOOK_MS, Math.max(MIN_LOOK_MS, soonest / LOOKS))
      : 0;
    if (lookMs === this.#lookMs) return;
    clearInterval(this.#timer);
    this.#lookMs = lookMs;
    this.#timer = lookMs === 0 ? undefined : setInterval(() => this.look(), lookMs);
  }

  /** Whether a plugin has to run though nothing goes on. */
  #isWanted({ id, found, pending }: PluginEntry): boolean {
    // What waits could not start in its place.
    if (pending !== undefined) return true;
    const { table, resolution, events } = this.#context;
    const isNeeded = !startsOnCall(found.manifest!) &&
      resolution.graph.edges.some(({ from, to, optional }) =>
        to === id && !optional && table.find(from)?.instance !== undefined
      );
    try {
      return isNeeded || events.isBehind(id);
    } catch {
      // Kept events that cannot be read now may be read later.
      return true;
    }
  }

  /** Whoever calls it meanwhile waits until it can start again. */
  async #stop(entry: PluginEntry): Promise<void> {
    const { runner, table, onNotice } = this.#context;
    const { promise, resolve } = Promise.withResolvers<void>();
    entry.idling = promise;
    try {
      await runner.stopIdle(entry);
    } catch (error) {
      onNotice(`"${entry.id}" has nothing to do and could not be stopped: ${errorMessage(error)}`);
    } finally {
      entry.idling = undefined;
      if (entry.state === "stopped") table.move(entry, "ready", { message: "Idle; starts on demand" });
      resolve();
    }
  }
}
