/**
 * The limit behind an end that only looks like one of a plugin's own.
 *
 * @module
 */

import type { LimitFigure } from "../../sandbox/limits/limit.ts";
import type { SandboxExit } from "../../sandbox/sandbox.ts";
import { endedByEngine } from "./heap_report.ts";
import type { LimitBreach } from "./limit_breach.ts";
import type { PluginLimits } from "./plugin_limits.ts";
import type { PluginProcesses } from "./plugin_processes.ts";

/** What is known of a plugin that has ended. */
export interface LastFigures {
  readonly limits: Pick<PluginLimits, "heapMib" | "memoryBytes" | "threads">;
  readonly processes: Pick<PluginProcesses, "memoryPeakBytes" | "ranOutOfMemory" | "ranOutOfThreads">;
  /** Memory that it used when that was looked at last. */
  readonly memoryBytes: number | undefined;
  /** Whether its engine said that its heap was full. */
  readonly heapWasFull: boolean;
  /** What it was flooding the host with. */
  readonly flood: LimitFigure | undefined;
}

/** Finds it; undefined for an end that has nothing to do with limits. */
export function findExitCause(exit: SandboxExit, figures: LastFigures): LimitBreach | undefined {
  const { memoryBytes, heapMib, threads } = figures.limits;
  const { processes } = figures;
  const peak = processes.memoryPeakBytes() ?? figures.memoryBytes ?? 0;
  const memory = { limit: "memory", used: Math.min(peak, memoryBytes), allowed: memoryBytes } as const;
  if (figures.heapWasFull && endedByEngine(exit)) {
    const detail = `its JavaScript heap was full at ${heapMib} MiB`;
    return { ...memory, used: Math.max(memory.used, heapMib * 2 ** 20), detail };
  }
  if (exit.signal === "SIGKILL" && processes.ranOutOfMemory) return memory;
  if (exit.rung !== undefined) return undefined;
  // Deno ends its process when it cannot have a thread that it needs.
  if (exit.code !== 0 && processes.ranOutOfThreads) {
    return { limit: "threads", used: threads, allowed: threads };
  }
  // What is not read piles up on its side, until its connection gives up.
  return exit.code === 0 ? figures.flood : undefined;
}
