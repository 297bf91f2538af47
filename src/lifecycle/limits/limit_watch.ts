/**
 * Looks at what every running plugin uses: one timer for all, and none while
 * nothing runs.
 *
 * @module
 */

import type { Manifest } from "../../manifest/manifest.ts";
import { Cgroups, type CgroupsOptions } from "../../sandbox/limits/cgroups.ts";
import { findEnforcement } from "../../sandbox/limits/enforcement.ts";
import type { GroupFiles } from "../../sandbox/limits/group_files.ts";
import { LIMIT_UNITS } from "../../sandbox/limits/limit.ts";
import { showsProcesses } from "../../sandbox/limits/process_usage.ts";
import type { LimitState } from "./limit_state.ts";
import { decideLimits, type LimitPolicy, listAllowances, type SiteLimits } from "./plugin_limits.ts";
import type { PluginUsage } from "../telemetry/plugin_usage.ts";
import { WatchedPlugin, type WatchedPluginParts } from "./watched_plugin.ts";

/** Time between two looks. */
const LOOK_MS = 250;
/** Looking takes no longer at once; the plugins that are left have their turn with the next look. */
const MAX_LOOK_MS = 10;

/** What a watch is made with. */
export interface LimitWatchOptions {
  /** Limits for plugins whose manifest names none. */
  readonly site?: SiteLimits;
  /** What the site decided. */
  readonly policy?: LimitPolicy;
  /** Control groups, held still by a test. */
  readonly cgroups?: CgroupsOptions;
  /** The clock, in milliseconds. */
  readonly now?: () => number;
}

/** Watches the limits of running plugins. */
export class LimitWatch implements AsyncDisposable {
  readonly #options: LimitWatchOptions;
  readonly #now: () => number;
  readonly #watched = new Set<WatchedPlugin>();
  #cgroups: Cgroups | undefined;
  #cleared: Promise<void> | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;
  /** Plugins that still have their turn in this round. */
  #waiting: WatchedPlugin[] = [];

  /** @param options What it is made with. */
  constructor(options: LimitWatchOptions = {}) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  /** Ends what killed hosts left in their groups; once. */
  prepare(): Promise<void> {
    return this.#cleared ??= this.#openCgroups().clearLeftovers();
  }

  /** Takes a process in of which it is not known yet for which plugin it is; that takes milliseconds. */
  adopt(pid: number): void {
    this.#openCgroups().adopt(pid);
  }

  /** Lets go of processes that were taken in and have ended without a plugin. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#cgroups?.dropAdopted();
  }

  /** Watches a plugin from its start to its end. */
  open(
    manifest: Manifest,
    parts: Pick<WatchedPluginParts, "actions" | "folders" | "mayRun">,
  ): WatchedPlugin {
    const watched: WatchedPlugin = new WatchedPlugin({
      ...parts,
      manifest,
      limits: decideLimits(manifest.limits, this.#options.site),
      cgroups: this.#openCgroups(),
      cpuExcess: this.#options.policy?.cpuExcess ?? "throttle",
      onEnd: () => this.#forget(watched),
    });
    this.#watched.add(watched);
    this.#timer ??= setInterval(() => this.look(), LOOK_MS);
    return watched;
  }

  /** How the limits of a plugin stand, or would if it ran. */
  describe(manifest: Manifest): readonly LimitState[] {
    const running = this.#find(manifest.id);
    if (running !== undefined) return running.describe();
    const allowances = listAllowances(decideLimits(manifest.limits, this.#options.site));
    return findEnforcement({
      tier: manifest.run.mode === "worker" ? "worker" : "deno",
      places: this.#openCgroups().places,
      showsProcesses: showsProcesses(),
    }).flatMap((enforcement) => {
      const allowed = allowances.get(enforcement.limit);
      return allowed === undefined ? [] : [{ ...enforcement, allowed, unit: LIMIT_UNITS[enforcement.limit] }];
    });
  }

  /** What a plugin uses; undefined where it does not run, or nothing tells. */
  usageOf(id: string): PluginUsage | undefined {
    return this.#find(id)?.usage;
  }

  /**
   * Limits of a plugin that nothing enforces here: those that policy demands,
   * and those that its manifest or the site names.
   */
  findUnenforced(manifest: Manifest): { demanded: LimitState[]; named: LimitState[] } {
    const { named } = decideLimits(manifest.limits, this.#options.site);
    const { requireLimits = [] } = this.#options.policy ?? {};
    const open = this.describe(manifest).filter(({ method }) => method === "none");
    return {
      demanded: open.filter(({ limit }) => requireLimits.includes(limit)),
      named: open.filter(({ limit }) => named.has(limit)),
    };
  }

  /** Looks at every plugin, as far as the time for that goes. */
  look(): void {
    if (this.#waiting.length === 0) this.#waiting = [...this.#watched];
    const startedAt = this.#now();
    while (this.#waiting.length > 0) {
      this.#waiting.shift()!.look(this.#now());
      if (this.#now() - startedAt > MAX_LOOK_MS) return;
    }
  }

  #find(id: string): WatchedPlugin | undefined {
    return [...this.#watched].findLast((watched) => watched.id === id);
  }

  #forget(watched: WatchedPlugin): void {
    this.#watched.delete(watched);
    this.#waiting = this.#waiting.filter((other) => other !== watched);
    if (this.#watched.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #openCgroups(): Cgroups {
    const isUsed = this.#options.policy?.useCgroups ?? true;
    return this.#cgroups ??= new Cgroups(isUsed ? this.#options.cgroups : { files: NO_FILES });
  }
}

/** A machine without control groups. */
const NO_FILES: GroupFiles = {
  read: () => undefined,
  write: () => {},
  writeSlow: () => Promise.resolve(),
  makeGroup: () => {},
  removeGroup: () => {},
  listGroups: () => [],
};
