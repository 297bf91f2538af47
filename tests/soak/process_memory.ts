/**
 * Memory and descriptors of a process.
 *
 * @module
 */

/** What a process holds. */
export interface ProcessMemory {
  /** Memory that is resident, in MiB. */
  readonly rssMib: number;
  /** The part of it that is no file's. */
  readonly anonMib: number;
  /** Descriptors. */
  readonly descriptors: number;
}

/** Looks at a process. */
export async function measureProcess(pid: number): Promise<ProcessMemory> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  const read = (key: string) => Number(new RegExp(`^${key}:\\s+(\\d+) kB$`, "m").exec(status)![1]) / 1024;
  const descriptors = await Array.fromAsync(Deno.readDir(`/proc/${pid}/fd`));
  return { rssMib: read("VmRSS"), anonMib: read("RssAnon"), descriptors: descriptors.length };
}
