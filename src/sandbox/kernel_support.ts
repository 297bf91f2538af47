/**
 * Whether the kernel of this machine can confine processes, and how far.
 *
 * @module
 */

import { isFilterArchitecture } from "./kernel/call_filter.ts";
import { Libc } from "./kernel/libc.ts";

/** What the kernel offers. */
export interface KernelSupport {
  /** Version of Landlock's interface; 0 where it cannot be used. */
  readonly landlock: number;
  /** Why it cannot be used. */
  readonly obstacle: string | undefined;
}

/** What a domain of Landlock holds, by the version of the interface that brought it. */
const HOLDS: readonly (readonly [since: number, what: string])[] = [
  [1, "files"],
  [3, "truncation"],
  [4, "TCP ports"],
  [5, "device controls"],
  [6, "signals and abstract sockets"],
];

/**
 * Asks the kernel. Takes a millisecond; nothing is kept, since policies and
 * containers differ in what they let a process do.
 */
export function probeKernel(): KernelSupport {
  const { os, arch } = Deno.build;
  if (os !== "linux") return none(`${os} has no Landlock`);
  if (!isFilterArchitecture(arch)) return none(`there is no filter of system calls for ${arch}`);
  if (Deno.permissions.querySync({ name: "ffi" }).state !== "granted") {
    return none("Cordon itself may not call the C library (--allow-ffi)");
  }
  try {
    using libc = new Libc();
    const landlock = libc.landlockVersion();
    return landlock > 0
      ? { landlock, obstacle: undefined }
      : none("the kernel has no Landlock, or does not use it");
  } catch (error) {
    return none(`the C library cannot be called: ${(error as Error).message}`);
  }
}

/** The tier of processes here; a weaker one than was wanted is said aloud. */
export function chooseTier(
  wanted: "os" | "deno" = "os",
  onNotice: ((message: string) => void) | undefined,
): "os" | "deno" {
  const obstacle = wanted === "deno" ? undefined : probeKernel().obstacle;
  if (obstacle !== undefined) {
    onNotice?.(`Plugins run in tier "deno", held by Deno's permissions alone: ${obstacle}`);
  }
  return wanted === "deno" || obstacle !== undefined ? "deno" : "os";
}

/** What a version of Landlock holds a process to, as words. */
export function describeLandlock(version: number): string[] {
  return HOLDS.filter(([since]) => since <= version).map(([, what]) => what);
}

/** What a newer version would hold besides. */
export function missingHolds(version: number): string[] {
  return HOLDS.filter(([since]) => since > version).map(([, what]) => what);
}

function none(obstacle: string): KernelSupport {
  return { landlock: 0, obstacle };
}
