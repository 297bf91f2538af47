/**
 * Where on this machine we may make control groups: version 1 has a tree for
 * each controller, version 2 one for all.
 *
 * @module
 */

import type { GroupFiles } from "./group_files.ts";

/** Controllers that we use. */
export const CONTROLLERS = ["memory", "cpu", "pids"] as const;

/** One of them. */
export type Controller = typeof CONTROLLERS[number];

/** The version of a tree. */
export type GroupVersion = "v1" | "v2";

/** Where groups with a controller can be made, or why not. */
export type Place =
  | { readonly version: GroupVersion; readonly dir: string }
  | { readonly version: undefined; readonly reason: string };

/** The folder of ours inside our own group; every group is made in it. */
export const OWN_FOLDER = "cordon";

/**
 * Finds the place of each controller, and makes our folder there.
 *
 * @param procDir Where the kernel shows processes.
 */
export function findPlaces(files: GroupFiles, procDir = "/proc"): Readonly<Record<Controller, Place>> {
  const mounts = parseMounts(files.read(`${procDir}/self/mountinfo`) ?? "");
  const own = parseOwnGroups(files.read(`${procDir}/self/cgroup`) ?? "");
  const unified = mounts.find(({ type }) => type === "cgroup2");
  const inUnified = unified && findUnified(files, groupDir(unified, own.get("") ?? "/"));
  const placeOf = (controller: Controller): Place => {
    const tree = mounts.find(({ type, options }) => type === "cgroup" && options.includes(controller));
    if (tree !== undefined) {
      return makeOwnFolder(files, groupDir(tree, own.get(controller) ?? "/"), "v1");
    }
    if (inUnified !== undefined) return inUnified(controller);
    return { version: undefined, reason: "this system has no control groups" };
  };
  return { memory: placeOf("memory"), cpu: placeOf("cpu"), pids: placeOf("pids") };
}

interface Mount {
  readonly root: string;
  readonly point: string;
  readonly type: string;
  readonly options: readonly string[];
}

/** See proc_pid_mountinfo(5): the fields behind " - " are type, source and options. */
function parseMounts(text: string): Mount[] {
  return text.split("\n").flatMap((line) => {
    const [left = "", right = ""] = line.split(" - ");
    const [, , , root, point] = left.split(" ");
    const [type, , options = ""] = right.split(" ");
    if (root === undefined || point === undefined || (type !== "cgroup" && type !== "cgroup2")) return [];
    return [{ root, point, type, options: options.split(",") }];
  });
}

/** Our own group in each tree, by controller; the unified one under "". */
function parseOwnGroups(text: string): Map<string, string> {
  const own = new Map<string, string>();
  for (const line of text.split("\n")) {
    const match = /^\d+:([^:]*):(\/.*)$/.exec(line);
    for (const controller of match?.[1]?.split(",") ?? []) own.set(controller, match![2]!);
  }
  return own;
}

/** Where a group shows in a mount, which may begin below the tree's root. */
function groupDir({ root, point }: Mount, group: string): string {
  const inside = root === "/"
    ? group
    : group === root || group.startsWith(`${root}/`)
    ? group.slice(root.length)
    : "/";
  return inside === "/" || inside === "" ? point : `${point}${inside}`;
}

/**
 * In version 2 a group with processes hands no controllers on to groups inside,
 * so ours is rarely the place; the one around it is, where it was delegated.
 */
function findUnified(files: GroupFiles, own: string): (controller: Controller) => Place {
  const around = own.slice(0, own.lastIndexOf("/"));
  const given = (dir: string) => (files.read(`${dir}/cgroup.subtree_control`) ?? "").trim().split(/\s+/);
  const dir = [own, around].find((dir) => CONTROLLERS.some((controller) => given(dir).includes(controller)));
  if (dir === undefined) {
    const reason = "our group hands on no controllers: it holds processes and was not delegated";
    return () => ({ version: undefined, reason });
  }
  const offered = CONTROLLERS.filter((controller) => given(dir).includes(controller));
  const place = makeOwnFolder(files, dir, "v2");
  if (place.version !== undefined) {
    try {
      files.write(`${place.dir}/cgroup.subtree_control`, offered.map((name) => `+${name}`).join(" "));
    } catch (error) {
      const reason = `"${place.dir}" takes no controllers: ${(error as Error).message}`;
      return () => ({ version: undefined, reason });
    }
  }
  return (controller) =>
    offered.includes(controller)
      ? place
      : { version: undefined, reason: `"${dir}" does not hand on the controller "${controller}"` };
}

function makeOwnFolder(files: GroupFiles, dir: string, version: GroupVersion): Place {
  try {
    files.makeGroup(`${dir}/${OWN_FOLDER}`);
    // It may be there and be another user's.
    const trial = `${dir}/${OWN_FOLDER}/trial-${crypto.randomUUID().slice(0, 8)}`;
    files.makeGroup(trial);
    files.removeGroup(trial);
    return { version, dir: `${dir}/${OWN_FOLDER}` };
  } catch (error) {
    return { version: undefined, reason: `no group can be made in "${dir}": ${(error as Error).message}` };
  }
}
