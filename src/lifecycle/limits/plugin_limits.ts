/**
 * What one plugin may use: what its manifest names, else what the site says,
 * else what we say. Pure.
 *
 * @module
 */

import type { Rate } from "../../internal/units.ts";
import type { Manifest } from "../../manifest/manifest.ts";
import type { Policy } from "../../permissions/policy.ts";
import { LIMIT_NAMES, type LimitName } from "../../sandbox/limits/limit.ts";
import { showsProcesses } from "../../sandbox/limits/process_usage.ts";

const MIB = 2 ** 20;

/** Memory of a plugin whose manifest names none, and whose site does not either. */
const DEFAULT_MEMORY_BYTES = 512 * MIB;
/** Less than this Deno cannot run in. */
const MIN_MEMORY_BYTES = 64 * MIB;
/** What Deno takes besides the heap. */
const RUNTIME_BYTES = 40 * MIB;
const DEFAULT_DESCRIPTORS = 256;
/** 64 for the plugin; Deno takes 6 at rest, and up to 36 on two processors with all its file threads at work. */
const DEFAULT_THREADS = 64 + 48;
/** What Deno keeps of compiled code is not the plugin's to answer for: up to this it is not counted. */
export const CACHE_ALLOWANCE_BYTES: number = 16 * MIB;
/** A plugin may compute for so long without taking a message, however short its calls are to be. */
const MIN_RESPONSE_MS = 5_000;

/** Limits of the site, for plugins whose manifest names none. */
export interface SiteLimits {
  /** Memory of the whole process. @default {512 MiB} */
  readonly memoryBytes?: number;
  /** Sustained share of one core, as a fraction. @default {no limit} */
  readonly cpuShare?: number;
  /** Room in `$DATA`. @default {no limit} */
  readonly storageBytes?: number;
  /** Size of one file. @default {no limit} */
  readonly fileBytes?: number;
  /** Files and sockets open at once. @default {256} */
  readonly descriptors?: number;
  /** Threads. @default {112} */
  readonly threads?: number;
}

/** What the site decided about limits. */
export type LimitPolicy = Pick<Policy, "cpuExcess" | "requireLimits" | "useCgroups">;

/** What one plugin may use. */
export interface PluginLimits {
  /** Memory of the whole process. */
  readonly memoryBytes: number;
  /** Bound of the JavaScript heap, inside that. */
  readonly heapMib: number;
  /** Sustained share of one core. */
  readonly cpuShare: number | undefined;
  /** Room in `$DATA`. */
  readonly storageBytes: number | undefined;
  /** Size of one file. */
  readonly fileBytes: number | undefined;
  /** Files and sockets open at once. */
  readonly descriptors: number;
  /** Threads. */
  readonly threads: number;
  /** Log records. */
  readonly logRate: Rate;
  /** Time of computing without taking a message. */
  readonly responseMs: number;
  /** Limits that somebody asked for, which are worth a warning where they cannot be enforced. */
  readonly named: ReadonlySet<LimitName>;
}

/** Decides what a plugin may use. */
export function decideLimits(limits: Manifest["limits"], site: SiteLimits = {}): PluginLimits {
  const asked = {
    memory: limits.memoryBytes ?? site.memoryBytes,
    cpu: limits.cpuShare ?? site.cpuShare,
    storage: limits.storageBytes ?? site.storageBytes,
    file_size: limits.fileBytes ?? site.fileBytes,
    descriptors: limits.descriptors ?? site.descriptors,
    threads: limits.threads ?? site.threads,
  };
  const memoryBytes = Math.max(MIN_MEMORY_BYTES, asked.memory ?? DEFAULT_MEMORY_BYTES);
  return {
    memoryBytes,
    heapMib: Math.floor((memoryBytes - RUNTIME_BYTES) / MIB),
    cpuShare: asked.cpu,
    storageBytes: asked.storage,
    fileBytes: asked.file_size,
    descriptors: asked.descriptors ?? DEFAULT_DESCRIPTORS,
    threads: asked.threads ?? DEFAULT_THREADS,
    logRate: limits.logRate,
    responseMs: Math.max(MIN_RESPONSE_MS, limits.callTimeoutMs),
    named: new Set(
      LIMIT_NAMES.filter((name) => (asked as Partial<Record<LimitName, number>>)[name] !== undefined),
    ),
  };
}

/** Whether memory and processor time of a plugin are bounded on this machine. */
export function findBounded(
  { run, limits }: Pick<Manifest, "run" | "limits">,
  site: SiteLimits | undefined,
): { memory: boolean; cpu: boolean } {
  // A worker shares the host's process; of other processes only some systems show what they use.
  const isBounded = run.mode === "process" && showsProcesses();
  return { memory: isBounded, cpu: isBounded && decideLimits(limits, site).cpuShare !== undefined };
}

/** What may be used of each limit that there is, in its unit. */
export function listAllowances(limits: PluginLimits): ReadonlyMap<LimitName, number> {
  const { cpuShare, logRate } = limits;
  const all: readonly (readonly [LimitName, number | undefined])[] = [
    ["memory", limits.memoryBytes],
    ["cpu", cpuShare === undefined ? undefined : cpuShare * 100],
    ["responsiveness", limits.responseMs],
    ["descriptors", limits.descriptors],
    ["threads", limits.threads],
    ["storage", limits.storageBytes],
    ["file_size", limits.fileBytes],
    ["log_rate", logRate.count * 1_000 / logRate.periodMs],
  ];
  return new Map(all.flatMap(([name, allowed]) => (allowed === undefined ? [] : [[name, allowed]])));
}
