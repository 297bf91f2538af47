/**
 * The state of a plugin that runs, by the reasons there are to call it degraded.
 *
 * @module
 */

import type { PluginEntry, PluginTable } from "../plugin_table.ts";

/** Moves a running plugin to `degraded` while there are reasons, and back; one that does not run stays where it is. */
export function showDegradations(table: Pick<PluginTable, "move">, entry: PluginEntry): void {
  const { reason } = entry.degradations;
  if (reason === undefined) {
    if (entry.state === "degraded") table.move(entry, "running");
    return;
  }
  const detail = { message: `"${entry.id}" is degraded: ${reason}` };
  if (entry.state === "running") table.move(entry, "degraded", detail);
  else if (entry.state === "degraded") entry.detail = detail;
}
