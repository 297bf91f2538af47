/**
 * One control group for each running plugin: what the kernel bounds for us,
 * and the whole family of its processes, whatever sessions they are in.
 *
 * @module
 */

import type { GroupFiles } from "./group_files.ts";
import { type Controller, CONTROLLERS, type GroupVersion } from "./hierarchy.ts";

/** Period of the share of processor time. */
const CPU_PERIOD_US = 100_000;
/** Least share that the kernel takes. */
const MIN_CPU_QUOTA_US = 1_000;
/** How long killed processes may take to leave their group. */
const EMPTY_MS = 2_000;
const LOOK_MS = 5;

/** What a group is bounded to; what is undefined is not. */
export interface GroupBounds {
  /** Memory of all its processes. */
  readonly memoryBytes: number | undefined;
  /** Share of one core. */
  readonly cpuShare: number | undefined;
  /** Threads of all its processes. */
  readonly threads: number | undefined;
}

/** A group in the tree of one controller. */
export interface GroupDir {
  readonly version: GroupVersion;
  readonly path: string;
}

/** The processes of one plugin. */
export class Cgroup {
  readonly #files: GroupFiles;
  readonly #kill: (pid: number) => void;
  readonly #dirs: Readonly<Partial<Record<Controller, GroupDir>>>;
  readonly #paths: readonly string[];
  readonly #failures = new Map<Controller, string>();
  /** Controllers whose group is there. */
  readonly #made = new Set<Controller>();
  /** Those that the process was put under. */
  readonly #holding = new Set<Controller>();

  /**
   * @param dirs Its folder in the tree of each controller.
   * @param files The control files, and what ends a process.
   */
  constructor(
    dirs: Readonly<Partial<Record<Controller, GroupDir>>>,
    { files, kill }: { readonly files: GroupFiles; readonly kill: (pid: number) => void },
  ) {
    this.#dirs = dirs;
    this.#files = files;
    this.#kill = kill;
    this.#paths = [...new Set(CONTROLLERS.flatMap((name) => dirs[name]?.path ?? []))];
  }

  /** Why a controller does not bound this group, where it was to. */
  get failures(): ReadonlyMap<Controller, string> {
    return this.#failures;
  }

  /** Whether it holds its processes together: one controller is enough for that. */
  get holds(): boolean {
    return CONTROLLERS.some((name) => this.#dirs[name] !== undefined && !this.#failures.has(name));
  }

  /** Makes the group and bounds it; a controller that refuses is named in the failures, the others hold. */
  bound({ memoryBytes, cpuShare, threads }: GroupBounds): void {
    this.#try("memory", memoryBytes, ({ version, path }, bytes) => {
      this.#files.write(`${path}/${version === "v1" ? "memory.limit_in_bytes" : "memory.max"}`, `${bytes}`);
      // Else what does not fit goes to swap; a kernel may not count swap at all.
      const swap = version === "v1"
        ? ["memory.memsw.limit_in_bytes", `${bytes}`] as const
        : ["memory.swap.max", "0"] as const;
      if (this.#files.read(`${path}/${swap[0]}`) !== undefined) {
        this.#files.write(`${path}/${swap[0]}`, swap[1]);
      }
    });
    // A group of its own costs turns of the scheduler, so only who is bounded gets one.
    if (cpuShare !== undefined) {
      this.#try("cpu", cpuShare, ({ version, path }, share) => {
        const quota = Math.max(MIN_CPU_QUOTA_US, Math.round(share * CPU_PERIOD_US));
        if (version === "v2") return this.#files.write(`${path}/cpu.max`, `${quota} ${CPU_PERIOD_US}`);
        this.#files.write(`${path}/cpu.cfs_period_us`, `${CPU_PERIOD_US}`);
        this.#files.write(`${path}/cpu.cfs_quota_us`, `${quota}`);
      });
    }
    this.#try("pids", threads, ({ path }, count) => this.#files.write(`${path}/pids.max`, `${count}`));
  }

  /** Takes its first process in, under each controller that it is not under yet, with what it will start. Moving one takes the kernel milliseconds. */
  async add(pid: number): Promise<void> {
    const missing = [...this.#made].filter((name) => !this.#holding.has(name) && !this.#failures.has(name));
    for (const name of missing) this.#holding.add(name);
    await Promise.all(missing.map(async (name) => {
      try {
        await this.#files.writeSlow(`${this.#dirs[name]!.path}/cgroup.procs`, `${pid}`);
      } catch (error) {
        this.#failures.set(name, (error as Error).message);
      }
    }));
  }

  /** Its processes. */
  members(): number[] {
    const pids = new Set<number>();
    for (const path of this.#paths) {
      for (const line of (this.#files.read(`${path}/cgroup.procs`) ?? "").split("\n")) {
        if (line !== "") pids.add(Number(line));
      }
    }
    return [...pids];
  }

  /** Most memory that its processes had at once; undefined where nothing counts it. */
  memoryPeakBytes(): number | undefined {
    const { memory } = this.#dirs;
    if (memory === undefined) return undefined;
    const name = memory.version === "v1" ? "memory.max_usage_in_bytes" : "memory.peak";
    const text = this.#files.read(`${memory.path}/${name}`);
    return text === undefined ? undefined : Number(text);
  }

  /** How often the kernel ended one of its processes for want of memory. */
  outOfMemoryKills(): number {
    const { memory } = this.#dirs;
    if (memory === undefined) return 0;
    const name = memory.version === "v1" ? "memory.oom_control" : "memory.events";
    return Number(/^oom_kill (\d+)$/m.exec(this.#files.read(`${memory.path}/${name}`) ?? "")?.[1] ?? 0);
  }

  /** How often the kernel refused one of its processes a thread or another process. */
  refusedThreads(): number {
    const events = this.#files.read(`${this.#dirs.pids?.path}/pids.events`) ?? "";
    return Number(/^max (\d+)$/m.exec(events)?.[1] ?? 0);
  }

  /** Ends every process in it, and waits until they are gone. */
  async killAll(): Promise<void> {
    // Whoever forks while it is being killed gets no child.
    const { pids } = this.#dirs;
    if (pids !== undefined) this.#attempt(() => this.#files.write(`${pids.path}/pids.max`, "0"));
    for (const { version, path } of Object.values(this.#dirs)) {
      if (version === "v2") this.#attempt(() => this.#files.write(`${path}/cgroup.kill`, "1"));
    }
    for (let waitedMs = 0; waitedMs < EMPTY_MS; waitedMs += LOOK_MS) {
      const members = this.members();
      if (members.length === 0) return;
      for (const pid of members) this.#attempt(() => this.#kill(pid));
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }

  /** Removes the group; its processes are gone by then. */
  remove(): void {
    for (const path of this.#paths) this.#attempt(() => this.#files.removeGroup(path));
  }

  #try<Bound>(
    controller: Controller,
    bound: Bound | undefined,
    apply: (dir: GroupDir, bound: Bound) => void,
  ): void {
    const dir = this.#dirs[controller];
    if (dir === undefined) return;
    try {
      this.#files.makeGroup(dir.path);
      this.#made.add(controller);
      if (bound !== undefined) apply(dir, bound);
    } catch (error) {
      this.#failures.set(controller, (error as Error).message);
    }
  }

  /** For what may find that there is nothing left to do: the process or the group is gone. */
  #attempt(act: () => void): void {
    try {
      act();
    } catch {
      // Gone already, or not in this kernel; what stays is seen by looking at the members.
    }
  }
}
