/**
 * The processes of one plugin: in a control group where there is one, and
 * looked for below the first one where there is none.
 *
 * @module
 */

import type { Cgroup, GroupBounds } from "../../sandbox/limits/cgroup.ts";
import type { Cgroups } from "../../sandbox/limits/cgroups.ts";
import type { Controller } from "../../sandbox/limits/hierarchy.ts";
import { type ProcessUsage, readProcessUsage } from "../../sandbox/limits/process_usage.ts";
import { ProcessFamily } from "./process_family.ts";

/** What the processes are bounded to, and whether there can be more than one. */
export interface PluginProcessesOptions {
  /** Bounds for the group; undefined for a plugin in a process that is not its own. */
  readonly bounds: GroupBounds | undefined;
  /** Whether the plugin may start programs. */
  readonly mayRun: boolean;
}

/** The processes of one plugin. */
export class PluginProcesses {
  readonly #cgroups: Cgroups;
  readonly #options: PluginProcessesOptions;
  #group: Cgroup | undefined;
  #attached: Promise<void> = Promise.resolve();
  #first: { readonly pid: number; readonly family: ProcessFamily } | undefined;
  #isPaused = false;

  /**
   * @param cgroups Where groups are made.
   * @param options What they are bounded to.
   */
  constructor(cgroups: Cgroups, options: PluginProcessesOptions) {
    this.#cgroups = cgroups;
    this.#options = options;
  }

  /** The group, where it holds them together. */
  get #holder(): Cgroup | undefined {
    return this.#group?.holds ? this.#group : undefined;
  }

  /** Takes the first process in. */
  attach(pid: number): void {
    const { bounds } = this.#options;
    const taken = bounds && this.#cgroups.take(pid);
    if (bounds !== undefined && taken !== undefined) {
      this.#group = taken.group;
      taken.group.bound(bounds);
      this.#attached = Promise.all([taken.added, taken.group.add(pid)]).then(() => {});
    }
    this.#first = { pid, family: new ProcessFamily(pid) };
  }

  /** Settles when the first process is bounded; no code of the plugin may run before. */
  get attached(): Promise<void> {
    return this.#attached;
  }

  /** The first process; undefined before there is one. */
  get pid(): number | undefined {
    return this.#first?.pid;
  }

  /** Why a controller does not bound them, where it was to. */
  get failures(): ReadonlyMap<Controller, string> | undefined {
    return this.#group?.failures;
  }

  /** Whether the kernel bounds them by a controller. */
  isBoundedBy(controller: Controller): boolean {
    return this.#options.bounds !== undefined && !this.#group?.failures.has(controller) &&
      this.#cgroups.places[controller].version !== undefined;
  }

  /** Looks for processes that the first one started, while they can be found below it. */
  findDescendants(): void {
    if (this.#holder === undefined) this.#first?.family.look();
  }

  /** What all of them use together. */
  readUsage(): ProcessUsage | undefined {
    const { pid, family } = this.#first!;
    const own = readProcessUsage(pid);
    if (own === undefined || !this.#options.mayRun) return own;
    const others = (this.#holder?.members() ?? family.members).filter((other) => other !== pid);
    return others.reduce((sum, other) => addUsage(sum, readProcessUsage(other)), own);
  }

  /** Most memory that they had at once, where it is counted. */
  memoryPeakBytes(): number | undefined {
    return this.#group?.memoryPeakBytes();
  }

  /** Whether the kernel ended one of them for want of memory. */
  get ranOutOfMemory(): boolean {
    return (this.#group?.outOfMemoryKills() ?? 0) > 0;
  }

  /** Whether the kernel refused one of them a thread. */
  get ranOutOfThreads(): boolean {
    return (this.#group?.refusedThreads() ?? 0) > 0;
  }

  /** Has the first process wait, or go on. */
  pause(isPaused: boolean): void {
    if (isPaused === this.#isPaused || this.pid === undefined || Deno.build.os === "windows") return;
    this.#isPaused = isPaused;
    try {
      Deno.kill(this.pid, isPaused ? "SIGSTOP" : "SIGCONT");
    } catch {
      // It has ended.
    }
  }

  /** Ends what is left of them. */
  async end(): Promise<void> {
    await this.#attached;
    await (this.#holder === undefined ? this.#first?.family.kill() : this.#holder.killAll());
    this.#group?.remove();
  }
}

function addUsage(sum: ProcessUsage, usage: ProcessUsage | undefined): ProcessUsage {
  if (usage === undefined) return sum;
  return {
    memoryBytes: sum.memoryBytes + usage.memoryBytes,
    cpuMs: sum.cpuMs + usage.cpuMs,
    threads: sum.threads + usage.threads,
  };
}
