/**
 * Memory and descriptors of processes.
 *
 * @module
 */

/** Memory of a process that is resident, in MiB. */
export async function readRssMib(pid: number): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)![1]) / 1024;
}

/** Descriptors that this process has open. */
export async function countDescriptors(): Promise<number> {
  return (await Array.fromAsync(Deno.readDir("/proc/self/fd"))).length;
}
