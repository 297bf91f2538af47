/**
 * Which limit is enforced how, as plain data.
 *
 * @module
 */

import type { Tier } from "../sandbox.ts";
import type { Controller, Place } from "./hierarchy.ts";
import { LIMIT_NAMES, type LimitName } from "./limit.ts";

/** What enforces a limit: the kernel, our looking again and again, or what passes through our hands. */
export type LimitMethod = "cgroup v2" | "cgroup v1" | "rlimit" | "sampling" | "host" | "none";

/** How one limit is enforced. */
export interface Enforcement {
  /** Which limit. */
  readonly limit: LimitName;
  /** What enforces it. */
  readonly method: LimitMethod;
  /** Why by nothing better, or by nothing at all. */
  readonly reason?: string;
}

/** What the answer depends on. */
export interface EnforcementFacts {
  /** How strong the boundary is, or is going to be. */
  readonly tier: Tier;
  /** Where groups with each controller can be made. */
  readonly places: Readonly<Record<Controller, Place>>;
  /** What controllers refused for one plugin. */
  readonly failures?: ReadonlyMap<Controller, string>;
  /** Whether the system shows what processes use. */
  readonly showsProcesses: boolean;
}

/** The controller that takes care of a limit. */
const CONTROLLER_OF: Readonly<Partial<Record<LimitName, Controller>>> = {
  memory: "memory",
  cpu: "cpu",
  threads: "pids",
};

/** Limits that the launcher of tier `os` puts on a process. */
const BY_LAUNCHER: ReadonlySet<LimitName> = new Set(["memory", "descriptors", "file_size"]);

/** Says of each limit how it is enforced. */
export function findEnforcement(facts: EnforcementFacts): Enforcement[] {
  return LIMIT_NAMES.map((limit) => ({ limit, ...findMethod(limit, facts) }));
}

function findMethod(
  limit: LimitName,
  { tier, places, failures, showsProcesses }: EnforcementFacts,
): Omit<Enforcement, "limit"> {
  if (limit === "log_rate") return { method: "host" };
  // Folders can be looked at wherever the plugin runs.
  if (limit === "storage") return { method: "sampling" };
  if (tier === "worker") {
    if (limit === "file_size") return { method: "sampling" };
    return { method: "none", reason: "a worker shares the host's process" };
  }
  const controller = CONTROLLER_OF[limit];
  const place = controller && places[controller];
  const failure = controller && failures?.get(controller);
  if (place?.version !== undefined && failure === undefined) return { method: `cgroup ${place.version}` };
  const reason = failure ?? (place?.version === undefined ? place?.reason : undefined);
  const why = reason === undefined ? {} : { reason };
  if (tier === "os" && BY_LAUNCHER.has(limit)) return { method: "rlimit", ...why };
  if (limit === "file_size" || showsProcesses) return { method: "sampling", ...why };
  return { method: "none", reason: "this system does not show what processes use" };
}
