/**
 * Looks at the health of every plugin that runs, each in its interval: one
 * timer for all, and none while nothing runs.
 *
 * @module
 */

import type { PluginInstance } from "../instance.ts";
import type { PluginEntry, PluginTable } from "../plugin_table.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import { HEALTH_SOURCES, type HealthSubject, PluginHealth } from "./plugin_health.ts";

/** Looks are not closer to each other than this. */
const MIN_WAIT_MS = 100;
/** Plugins that are asked at once; the others have their turn with the next look. */
const MAX_ASKED = 16;
/** One that has not answered after so long takes nobody's turn any more. */
const TURN_MS = 1_000;

/** Who is asked and told. */
export interface HealthMonitorContext {
  readonly table: Pick<PluginTable, "judgeHealth">;
  readonly telemetry: Pick<Telemetry, "countCalls">;
  /** The clock, in milliseconds. @default {performance.now} */
  readonly now?: () => number;
  /** A number from 0 to 1 that keeps looks apart. @default {Math.random} */
  readonly random?: () => number;
}

/** What serves. */
export interface HealthParts extends Pick<HealthSubject, "onFailure" | "usage"> {
  readonly instance: Pick<PluginInstance, "checkHealth" | "hasHealth" | "lastCheck">;
}

interface WatchedHealth {
  readonly health: PluginHealth;
  readonly intervalMs: number;
  dueAt: number;
}

/** Watches the health of running plugins. */
export class HealthMonitor {
  readonly #context: HealthMonitorContext;
  readonly #now: () => number;
  readonly #random: () => number;
  readonly #plugins = new Map<PluginEntry, WatchedHealth>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #armedFor = Infinity;

  /** @param context Who is asked and told. */
  constructor(context: HealthMonitorContext) {
    this.#context = context;
    this.#now = context.now ?? (() => performance.now());
    this.#random = context.random ?? (() => Math.random());
  }

  /** Watches what serves for a plugin now, and no longer what served before. */
  begin(entry: PluginEntry, { instance, ...parts }: HealthParts): void {
    this.end(entry);
    entry.health.begin();
    const { table, telemetry } = this.#context;
    const now = this.#now();
    const settings = entry.found.manifest!.health;
    const health = new PluginHealth({
      ...parts,
      settings,
      check: instance.hasHealth ? (options) => instance.checkHealth(options) : undefined,
      countCalls: () => telemetry.countCalls(entry.id),
      onFinding: (finding) => table.judgeHealth(entry, finding),
      onCheck: (check) => entry.health.keepCheck(check),
    }, now);
    if (instance.lastCheck !== undefined) health.take(instance.lastCheck);
    const { intervalMs } = settings;
    // Many that start together are not looked at together.
    this.#plugins.set(entry, { health, intervalMs, dueAt: now + this.#random() * intervalMs });
    this.#arm();
  }

  /** Watches a plugin no longer; what was found does not hold for its next run. */
  end(entry: PluginEntry): void {
    this.#plugins.get(entry)?.health[Symbol.dispose]();
    if (!this.#plugins.delete(entry)) return;
    for (const source of HEALTH_SOURCES) entry.degradations.clear(source);
    if (this.#plugins.size === 0) this.#arm();
  }

  #arm(): void {
    const dueAt = Math.min(...[...this.#plugins.values()].map((watched) => watched.dueAt));
    if (dueAt === this.#armedFor || (dueAt > this.#armedFor && this.#plugins.size > 0)) return;
    clearTimeout(this.#timer);
    this.#armedFor = dueAt;
    if (this.#plugins.size === 0) return;
    this.#timer = setTimeout(() => this.#look(), Math.max(MIN_WAIT_MS, dueAt - this.#now()));
  }

  #look(): void {
    const now = this.#now();
    const due = [...this.#plugins.values()].filter(({ dueAt }) => dueAt <= now)
      .sort((a, b) => a.dueAt - b.dueAt);
    let room = MAX_ASKED - this.#countAsked(now);
    const turns = due.filter(({ health }) => !health.willAsk || room-- > 0);
    for (const watched of turns) watched.dueAt = now + watched.intervalMs;
    this.#armedFor = Infinity;
    this.#arm();
    for (const { health } of turns) health.look(now);
  }

  #countAsked(now: number): number {
    let count = 0;
    for (const { health: { askedAt } } of this.#plugins.values()) {
      if (askedAt !== undefined && now - askedAt < TURN_MS) count++;
    }
    return count;
  }
}
