/**
 * A plugin as it would be with another version of its files.
 *
 * @module
 */

import type { CatalogueEntry } from "./catalogue.ts";
import type { Admission } from "./consent/admission.ts";
import type { PendingEntry, PluginEntry } from "./plugin_table.ts";

/** Why one cannot take over. */
export type Refused = Pick<PendingEntry, "reason" | "message" | "hint">;

/** A plugin as it would be with another version of its files; in no table. */
export function makeDraft(entry: PluginEntry, { found, report, rolledBack }: CatalogueEntry): PluginEntry {
  const renamed = found.manifest !== undefined && found.manifest.id !== entry.id
    ? [{
      path: "plugin.id",
      message: `is "${found.manifest.id}" now, and was "${entry.id}": restart the host`,
    }]
    : [];
  return {
    ...entry,
    found,
    report,
    rolledBack,
    problems: [...found.problems, ...report?.problems ?? [], ...renamed],
    instance: undefined,
    pending: undefined,
  };
}

/** Makes a plugin what its draft is. */
export function adopt(entry: PluginEntry, draft: PluginEntry): void {
  const { found, rolledBack, report, problems } = draft;
  const { requests, variables, places, bounded, consent, seen } = draft;
  Object.assign(entry, { found, rolledBack, report, problems });
  Object.assign(entry, { requests, variables, places, bounded, consent, seen });
  if (entry.pending?.draft === draft) entry.pending = undefined;
}

/** Why a draft cannot take over; undefined where it may. */
export function toRefused(admission: Admission, { id, found }: PluginEntry): Refused | undefined {
  switch (admission.type) {
    case "admitted":
      return undefined;
    case "blocked":
      return admission;
    case "invalid":
      return {
        reason: undefined,
        message: `Cannot reload "${id}": ${admission.messages.join("; ")}`,
        hint: `See everything: cordon check ${found.dir}`,
      };
    default:
      return admission satisfies never;
  }
}

/** What others were resolved with. */
export function tiesOf({ found }: Pick<PluginEntry, "found">): unknown {
  if (found.manifest === undefined) return undefined;
  const { run, requires, optional, conflicts, provides, uses } = found.manifest;
  return [run.phase, requires, optional, conflicts, provides, uses];
}
