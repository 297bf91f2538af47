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

/** What every Deno like this one needs. */
export function listRuntimeRules(): PathRule[] {
  return [
    { path: Deno.realPathSync(Deno.execPath()), uses: ["read", "execute"] },
    // The kernel executes the loader to start a program.
    ...listLibraries().map((path): PathRule => ({
      path,
      uses: isLoader(path) ? ["read", "execute"] : ["read"],
    })),
    { path: "/dev/null", uses: ["read", "write"] },
    ...toReadRules(RUNTIME_FILES),
  ];
}

/** What one needs besides that looks up the names of hosts: the C library loads more of its own. */
export function listNameRules(): PathRule[] {
  const folders = listLibraries().map((path) => path.slice(0, path.lastIndexOf("/")));
  return toReadRules([...NAME_FILES, ...new Set(folders)]);
}

/** The shared libraries that this process has mapped. */
function listLibraries(): string[] {
  const maps = Deno.readTextFileSync("/proc/self/maps");
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
