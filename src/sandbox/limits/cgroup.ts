/**
 * One control group for each running plugin: what the kernel bounds for us,
 * and the whole family of its processes, whatever sessions they are in.
 *
 * @module
 */

import { processStartTime } from "../../internal/process_identity.ts";
import { type GroupFiles, KERNEL_FILES } from "./group_files.ts";
import { type Controller, CONTROLLERS, findPlaces, type Place } from "./hierarchy.ts";

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

const NO_BOUNDS: GroupBounds = { memoryBytes: undefined, cpuShare: undefined, threads: undefined };

/** A group, and when its process is in it. */
export interface AdoptedGroup {
  readonly group: Cgroup;
  readonly added: Promise<void>;
}

/** What a test holds still. */
export interface CgroupsOptions {
  /** The control files. */
  readonly files?: GroupFiles;
  /** Where the kernel shows processes. */
  readonly procDir?: string;
  /** Ends a process. */
  readonly kill?: (pid: number) => void;
}

/** Makes groups, where this machine lets us. */
export class Cgroups {
  readonly #files: GroupFiles;
  readonly #kill: (pid: number) => void;
  readonly #owner: string;
  readonly #adopted = new Map<number, AdoptedGroup>();
  /** Where groups with each controller are made, or why not. */
  readonly places: Readonly<Record<Controller, Place>>;

  /** @param options What a test holds still. */
  constructor({ files = KERNEL_FILES, procDir = "/proc", kill = killProcess }: CgroupsOptions = {}) {
    this.#files = files;
    this.#kill = kill;
    this.places = Deno.build.os === "linux" || files !== KERNEL_FILES
      ? findPlaces(files, procDir)
      : nowhere("this system has no control groups");
    this.#owner = `${pidNamespace()}-${Deno.pid}-${processStartTime(Deno.pid) ?? 0}`;
  }

  /** Ends what is left in groups whose host is gone, and removes them. */
  async clearLeftovers(): Promise<void> {
    const names = new Set(this.#dirs().flatMap((dir) => this.#files.listGroups(dir)));
    for (const name of names) {
      const [namespace, pid, started] = name.split("-");
      // Numbers of processes mean something inside one namespace only.
      if (namespace !== pidNamespace() || processStartTime(Number(pid)) === Number(started)) continue;
      const group = this.#open(name);
      await group.killAll();
      group.remove();
    }
  }

  /** Puts a process whose bounds are not known yet into a group of its own, which is taken when they are. */
  adopt(pid: number): void {
    const group = this.create();
    if (group !== undefined) this.#adopted.set(pid, { group, added: group.add(pid) });
  }

  /** The group that such a process is in, or a new one that it is put into; undefined where there is none. */
  take(pid: number): AdoptedGroup | undefined {
    const adopted = this.#adopted.get(pid);
    this.#adopted.delete(pid);
    if (adopted !== undefined) return adopted;
    const group = this.create();
    return group && { group, added: group.add(pid) };
  }

  /** Removes the groups of processes that have ended before anybody took them. */
  async dropAdopted(): Promise<void> {
    for (const { group, added } of this.#adopted.values()) {
      await added;
      await group.killAll();
      group.remove();
    }
    this.#adopted.clear();
  }

  /** Makes a group; undefined where there is no controller at all. */
  create(bounds: GroupBounds = NO_BOUNDS): Cgroup | undefined {
    if (this.#dirs().length === 0) return undefined;
    const group = this.#open(`${this.#owner}-${crypto.randomUUID().slice(0, 8)}`);
    group.bound(bounds);
    return group;
  }

  #open(name: string): Cgroup {
    const dirs: Partial<Record<Controller, GroupDir>> = {};
    for (const controller of CONTROLLERS) {
      const place = this.places[controller];
      if (place.version === undefined) continue;
      dirs[controller] = { version: place.version, path: `${place.dir}/${name}` };
    }
    return new Cgroup(dirs, { files: this.#files, kill: this.#kill });
  }

  #dirs(): string[] {
    const dirs = CONTROLLERS.flatMap((controller) => {
      const place = this.places[controller];
      return place.version === undefined ? [] : [place.dir];
    });
    return [...new Set(dirs)];
  }
}

interface GroupDir {
  readonly version: "v1" | "v2";
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

function killProcess(pid: number): void {
  Deno.kill(pid, "SIGKILL");
}

function nowhere(reason: string): Readonly<Record<Controller, Place>> {
  const place: Place = { version: undefined, reason };
  return { memory: place, cpu: place, pids: place };
}

/** The number of our namespace of processes. */
function pidNamespace(): string {
  try {
    return /\d+/.exec(Deno.readLinkSync("/proc/self/ns/pid"))?.[0] ?? "0";
  } catch {
    // Not Linux.
    return "0";
  }
}
