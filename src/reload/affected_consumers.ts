/**
 * Whom a new version concerns besides the plugin itself: those that use what
 * it provides by a contract that is another one now.
 *
 * @module
 */

import type { Manifest } from "../manifest/manifest.ts";
import type { PluginEntry, PluginTable } from "../lifecycle/plugin_table.ts";
import type { Resolution } from "../lifecycle/resolution.ts";
import type { Draft } from "../lifecycle/takeover.ts";

/** Where they are found. */
export interface ConsumerContext {
  readonly table: PluginTable;
  readonly resolution: Pick<Resolution, "graph">;
}

/** Plugins that run, use something of these versions that has changed, and are none of them. */
export function findAffected(
  versions: readonly Draft[],
  { table, resolution: { graph } }: ConsumerContext,
): PluginEntry[] {
  const changed = new Map(versions.map(({ entry, draft }) => [entry.id, listChanged(entry, draft)]));
  return table.list().filter((entry) => {
    if (entry.instance === undefined || changed.has(entry.id)) return false;
    const bound = graph.bindings.get(entry.id) ?? new Map<string, string>();
    return [...bound].some(([capability, provider]) => changed.get(provider)?.has(capability));
  });
}

/** Capabilities that both versions provide, and differently. */
function listChanged(before: PluginEntry, after: PluginEntry): Set<string> {
  const names = Object.keys(before.found.manifest!.provides);
  return new Set(names.filter((name) => describe(before, name) !== describe(after, name)));
}

/** What a consumer can tell of a capability. */
function describe({ found, report }: PluginEntry, name: string): string {
  const provides: Manifest["provides"] = found.manifest!.provides;
  if (!Object.hasOwn(provides, name)) return "";
  const { version, methods } = provides[name]!;
  const contract = report?.contracts?.contracts.find(({ capability, role }) =>
    capability === name && role === "provides"
  )?.contract;
  return JSON.stringify([version.split(".")[0], [...methods].sort(), contract ?? null]);
}
