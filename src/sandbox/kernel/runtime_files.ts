/**
 * What Deno itself needs of the file system. None of it is the user's.
 *
 * @module
 */

import type { PathRule } from "./launch_order.ts";

/** Devices, and facts about the process and the machine that the runtime reads. */
const RUNTIME_FILES = [
  "/dev/urandom",
  "/etc/ld.so.cache",
  "/etc/localtime",
  "/usr/share/zoneinfo",
  "/proc/self",
];

/** What looking up the name of a host reads. */
const NAME_FILES = [
  "/etc/gai.conf",
  "/etc/host.conf",
  "/etc/hosts",
  "/etc/nsswitch.conf",
  "/etc/resolv.conf",
];

/** The rules for a Deno like this one. */
export interface RuntimeRules {
  /** What every process needs. */
  readonly always: readonly PathRule[];
  /** What those need besides that look up names. */
  readonly names: readonly PathRule[];
}

/** Lists them, from what this Deno has mapped itself. */
export function listRuntimeRules(): RuntimeRules {
  const program = Deno.realPathSync(Deno.execPath());
  const libraries = listLibraries(Deno.readTextFileSync("/proc/self/maps"));
  const folders = libraries.map((path) => path.slice(0, path.lastIndexOf("/")));
  return {
    always: [
      { path: program, uses: ["read", "execute"] },
      // The kernel executes the loader to start a program.
      ...libraries.map((path): PathRule => ({ path, uses: isLoader(path) ? ["read", "execute"] : ["read"] })),
      { path: "/dev/null", uses: ["read", "write"] },
      ...toReadRules(RUNTIME_FILES),
    ],
    names: toReadRules([...NAME_FILES, ...new Set(folders)]),
  };
}

/** Shared libraries in the text of `/proc/self/maps`. */
export function listLibraries(maps: string): string[] {
  return [...new Set([...maps.matchAll(/ (\/[^\n]+\.so(?:\.[^/\n]*)?)$/gm)].map(([, path]) => path!))];
}

function isLoader(path: string): boolean {
  return /\/ld-[^/]*\.so[^/]*$/.test(path);
}

/** Where paths lead; those that are not there are left out. */
function toReadRules(paths: readonly string[]): PathRule[] {
  return paths.flatMap((path) => {
    try {
      return [{ path: Deno.realPathSync(path), uses: ["read" as const] }];
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return [];
      throw error;
    }
  });
}
