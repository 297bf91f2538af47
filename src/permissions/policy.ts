/**
 * What a site allows to any plugin, whoever consents.
 *
 * @module
 */

import { createPermissionSet, listPermissions, type PermissionSet } from "./permission_set.ts";

/** What the site allows. */
export interface Policy {
  /**
   * What any plugin may have at most; undefined stands for no bound. Paths may begin with `$PLUGIN`,
   * `$DATA` or `$TMP`, which stand for each plugin's own folders.
   */
  readonly ceiling?: PermissionSet;
  /** The boundary wanted: the strongest that the machine has, or Deno's permissions alone. @default {"os"} */
  readonly tier?: "os" | "deno";
  /** The weakest boundary allowed. @default {"deno"} */
  readonly requireTier?: "os" | "deno";
  /** Whether a plugin whose confinement by the kernel fails runs in tier `deno` instead. @default {false} */
  readonly tierFallback?: boolean;
  /** Whether plugins may run as workers of the host's process, in a tier weaker than any other. @default {false} */
  readonly allowWorker?: boolean;
  /** Whether plugins may start programs, where an administrator consents. @default {true} */
  readonly allowRun?: boolean;
  /** Whether plugins may load native libraries, where an administrator consents. @default {true} */
  readonly allowFfi?: boolean;
  /** The highest exposure that a plugin may have, 0 to 10. @default {10} */
  readonly maxExposure?: number;
  /** Limits that must be enforced: a plugin does not start where this machine cannot. @default {[]} */
  readonly requireLimits?: readonly string[];
  /** What happens to a plugin that takes more processor time than its limit. @default {"throttle"} */
  readonly cpuExcess?: "throttle" | "stop";
  /** Whether limits use control groups where they can. @default {true} */
  readonly useCgroups?: boolean;
  /** Plugins that run under Deno's permission broker, by id. @default {[]} */
  readonly supervise?: readonly string[];
}

/** The bound that a policy sets to a request: its ceiling, without the kinds that it does not allow at all. */
export function ceilingFor(
  { ceiling, allowRun = true, allowFfi = true }: Policy,
  requested: PermissionSet,
): PermissionSet | undefined {
  if (allowRun && allowFfi) return ceiling;
  // Where nothing else is bounded, what is asked for is a bound that forbids nothing.
  return createPermissionSet(
    [...listPermissions(ceiling ?? requested)].filter(({ kind }) =>
      (kind !== "run" || allowRun) && (kind !== "ffi" || allowFfi)
    ),
  );
}
