/**
 * The control groups of this host: where they can be made, those that wait for
 * their plugin, and what a killed host left.
 *
 * @module
 */

import { processStartTime } from "../../internal/process_identity.ts";
import { Cgroup, type GroupBounds, type GroupDir } from "./cgroup.ts";
import { type GroupFiles, KERNEL_FILES } from "./group_files.ts";
import { type Controller, CONTROLLERS, findPlaces, type Place } from "./hierarchy.ts";

/** No bounds yet. */
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
