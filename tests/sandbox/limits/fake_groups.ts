/**
 * A machine with control groups, in memory: folders that bring their files
 * along when they are made.
 *
 * @module
 */

import type { GroupFiles } from "../../../src/sandbox/limits/group_files.ts";

/** Files that each new group has. */
const NEW_FILES: Readonly<Record<string, string>> = {
  "cgroup.procs": "",
  "cgroup.kill": "",
  "cgroup.subtree_control": "",
  "memory.limit_in_bytes": "max",
  "memory.max": "max",
  "memory.peak": "0",
  "memory.swap.max": "max",
  "memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 0\n",
  "memory.events": "low 0\noom 0\noom_kill 0\n",
  "cpu.max": "max 100000",
  "cpu.cfs_period_us": "100000",
  "cpu.cfs_quota_us": "-1",
  "pids.max": "max",
};

/** Control files in memory. */
export class FakeGroups implements GroupFiles {
  readonly files = new Map<string, string>();
  readonly folders = new Set<string>();
  /** Paths that the kernel refuses. */
  readonly refused = new Set<string>();

  /**
   * @param mounts Lines of `mountinfo`, from the mount's root on.
   * @param own Lines of `/proc/self/cgroup`.
   */
  constructor(mounts: readonly string[], own: readonly string[]) {
    this.files.set("/proc/self/mountinfo", mounts.map((line, at) => `${at} 1 0:${at} ${line}`).join("\n"));
    this.files.set("/proc/self/cgroup", own.join("\n"));
  }

  read(path: string): string | undefined {
    return this.files.get(path);
  }

  write(path: string, value: string): void {
    if (this.refused.has(path)) throw new Error("refused");
    // A group lists each of its processes.
    const before = path.endsWith("cgroup.procs") ? this.files.get(path) ?? "" : "";
    this.files.set(path, before === "" ? value : `${before}\n${value}`);
  }

  async writeSlow(path: string, value: string): Promise<void> {
    await Promise.resolve();
    this.write(path, value);
  }

  makeGroup(path: string): void {
    if (this.refused.has(path)) throw new Error("refused");
    if (this.folders.has(path)) return;
    this.folders.add(path);
    for (const [name, text] of Object.entries(NEW_FILES)) this.files.set(`${path}/${name}`, text);
  }

  removeGroup(path: string): void {
    this.folders.delete(path);
    for (const name of [...this.files.keys()]) if (name.startsWith(`${path}/`)) this.files.delete(name);
  }

  listGroups(path: string): string[] {
    return [...this.folders].filter((folder) => folder.startsWith(`${path}/`)).map((folder) =>
      folder.slice(path.length + 1)
    ).filter((name) => !name.includes("/"));
  }
}

/** A machine with version 1, whose processes are in `/jobs` of each tree. */
export function versionOne(controllers: readonly string[] = ["memory", "cpu,cpuacct", "pids"]): FakeGroups {
  return new FakeGroups(
    controllers.map((name) => `/ /sys/fs/cgroup/${name} rw - cgroup cgroup rw,${name}`),
    controllers.map((name, at) => `${at + 1}:${name}:/jobs`),
  );
}

/** A machine with version 2, where the group around ours hands on some controllers. */
export function versionTwo(handedOn: string): FakeGroups {
  const groups = new FakeGroups(["/ /sys/fs/cgroup rw - cgroup2 cgroup2 rw"], ["0::/user.slice/host.scope"]);
  groups.files.set("/sys/fs/cgroup/user.slice/cgroup.subtree_control", handedOn);
  groups.files.set("/sys/fs/cgroup/user.slice/host.scope/cgroup.subtree_control", "");
  return groups;
}
