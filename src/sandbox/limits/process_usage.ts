/**
 * What a process uses, as the kernel shows it under `/proc`.
 *
 * @module
 */

/** Milliseconds of one tick of processor time: 100 a second on every system that Deno runs on. */
const TICK_MS = 10;

/** What a process uses. */
export interface ProcessUsage {
  /** Memory that is its own: without files mapped into it, which it shares. */
  readonly memoryBytes: number;
  /** Processor time so far. */
  readonly cpuMs: number;
  /** Threads. */
  readonly threads: number;
}

/** Reads what a process uses; undefined where the system does not tell or it is gone. */
export function readProcessUsage(pid: number, procDir = "/proc"): ProcessUsage | undefined {
  const status = readText(`${procDir}/${pid}/status`);
  const stat = readText(`${procDir}/${pid}/stat`);
  if (status === undefined || stat === undefined) return undefined;
  const kib = (name: string) => Number(new RegExp(`^${name}:\\s*(\\d+) kB$`, "m").exec(status)?.[1] ?? 0);
  // The name in the second field may hold anything, parentheses too.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return {
    memoryBytes: (kib("RssAnon") + kib("RssShmem")) * 1024,
    cpuMs: (Number(fields[11]) + Number(fields[12])) * TICK_MS,
    threads: Number(fields[17]),
  };
}

/** Whether this system shows what processes use. */
export function showsProcesses(): boolean {
  return readText(`/proc/${Deno.pid}/stat`) !== undefined;
}

/** Files and sockets that a process has open. */
export function countDescriptors(pid: number, procDir = "/proc"): number | undefined {
  try {
    let count = 0;
    for (const _ of Deno.readDirSync(`${procDir}/${pid}/fd`)) count++;
    return count;
  } catch {
    // Gone, another user's, or not Linux.
    return undefined;
  }
}

/** Bytes of files that a process keeps open and that have no name any more: no folder shows them. */
export function readUnlinkedBytes(pid: number, procDir = "/proc"): number {
  let bytes = 0;
  for (const { name } of listEntries(`${procDir}/${pid}/fd`)) {
    try {
      const { isFile, nlink, blocks } = Deno.statSync(`${procDir}/${pid}/fd/${name}`);
      if (isFile && nlink === 0) bytes += (blocks ?? 0) * 512;
    } catch {
      // Closed while we looked.
    }
  }
  return bytes;
}

/** Bytes that a process wrote so far, to whatever: it moves when a file may have grown. */
export function readWrittenBytes(pid: number, procDir = "/proc"): number | undefined {
  const match = /^wchar: (\d+)$/m.exec(readText(`${procDir}/${pid}/io`) ?? "");
  return match === null ? undefined : Number(match[1]);
}

/** Processes that a process started, and those that they started. */
export function listDescendants(pid: number, procDir = "/proc"): number[] {
  const children = new Map<number, number[]>();
  for (const { name } of listEntries(procDir)) {
    if (!/^\d+$/.test(name)) continue;
    const stat = readText(`${procDir}/${name}/stat`);
    if (stat === undefined) continue;
    const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
    children.set(parent, [...children.get(parent) ?? [], Number(name)]);
  }
  const found: number[] = [];
  const queue = [...children.get(pid) ?? []];
  for (const descendant of queue) {
    found.push(descendant);
    queue.push(...children.get(descendant) ?? []);
  }
  return found;
}

function listEntries(dir: string): Deno.DirEntry[] {
  try {
    return [...Deno.readDirSync(dir)];
  } catch {
    // Gone, another user's, or not Linux.
    return [];
  }
}

function readText(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    // Gone, another user's, or not Linux.
    return undefined;
  }
}
