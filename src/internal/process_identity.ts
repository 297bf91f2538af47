/**
 * Telling a process from a later one with the same number.
 *
 * @module
 */

/** Start time of a process, in the kernel's ticks since boot; undefined where the system does not tell or it is gone. */
export function processStartTime(pid: number): number | undefined {
  const fields = readStat(pid);
  // One that has ended and only waits to be collected is gone.
  return fields === undefined || fields[0] === "Z" ? undefined : Number(fields[19]);
}

/** The fields of `/proc/<pid>/stat` from the third on. */
function readStat(pid: number): string[] | undefined {
  try {
    const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
    // The name in the second field may hold anything, parentheses too.
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  } catch {
    // Not Linux, or no such process.
    return undefined;
  }
}

/** Working folder of a process; undefined where the system does not tell or it is gone. */
export function workingDirOf(pid: number): string | undefined {
  try {
    return Deno.readLinkSync(`/proc/${pid}/cwd`);
  } catch {
    // Not Linux, or no such process.
    return undefined;
  }
}

/** How long a killed process may take to be gone. */
const GONE_MS = 2_000;
const LOOK_MS = 5;

/** Ends what is left of a process that was started at `started`; false when it was gone or another's. */
export async function killLeftover(pid: number, started: number): Promise<boolean> {
  if (processStartTime(pid) !== started) return false;
  try {
    Deno.kill(pid, "SIGKILL");
  } catch {
    // It has ended meanwhile.
    return false;
  }
  // It is no child of ours: nothing tells when it is gone but looking.
  for (let waited = 0; waited < GONE_MS && processStartTime(pid) === started; waited += LOOK_MS) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  return true;
}
