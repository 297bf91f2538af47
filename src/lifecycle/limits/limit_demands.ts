/**
 * Limits that nothing enforces on this machine: policy may demand them, and
 * else they are said aloud.
 *
 * @module
 */

import type { LimitWatch } from "./limit_watch.ts";
import type { PluginEntry, PluginTable } from "../plugin_table.ts";
import type { Registry } from "../registry.ts";

/** Who knows and who is told. */
export interface LimitDemandContext {
  readonly table: PluginTable;
  readonly limits: LimitWatch;
  readonly registry: Registry;
  /** Told of those that are not enforced. */
  readonly onNotice: (message: string) => void;
}

/**
 * Looks at the limits of a plugin that is about to start.
 *
 * @throws {CordonError} `policy` where policy demands one that nothing enforces here.
 */
export function checkLimits(
  entry: PluginEntry,
  { table, limits, registry, onNotice }: LimitDemandContext,
): void {
  const { demanded, named } = limits.findUnenforced(entry.found.manifest!);
  if (demanded.length > 0) {
    const names = demanded.map(({ limit }) => `limits.${limit}`).join(", ");
    table.move(entry, "blocked", {
      reason: "policy",
      message: `Cannot start "${entry.id}": policy demands ${names}, and nothing enforces that here (${
        demanded[0]!.reason
      })`,
      hint: "Run it on another machine, or change policy.requireLimits",
    });
    throw table.refusal(entry);
  }
  for (const { limit, allowed, reason } of named) {
    registry.note("plugin.limit_unenforced", { limit, allowed, reason }, entry.id);
    onNotice(`Nothing enforces limits.${limit} of "${entry.id}" here: ${reason}`);
  }
}
