/**
 * A plugin as it would be with other files.
 *
 * @module
 */

import type { Admission } from "./consent/admission.ts";
import type { PendingEntry, PluginEntry } from "./plugin_table.ts";
import type { ChosenVersion } from "./versions/rolled_back.ts";

/** Why it cannot take over. */
export type Refused = Pick<PendingEntry, "reason" | "message" | "hint">;

/** The plugin as it would be with another folder, or the same one read again. */
export function makeDraft(
  entry: PluginEntry,
  { found, report, files, rolledBack }: ChosenVersion,
): PluginEntry {
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
    files,
    rolledBack,
    problems: [...found.problems, ...report?.problems ?? [], ...renamed],
    instance: undefined,
    pending: undefined,
    reloading: undefined,
  };
}

/** Makes a plugin what its draft is. */
export function adopt(entry: PluginEntry, draft: PluginEntry): void {
  const { found, report, files, rolledBack, problems } = draft;
  const { requests, variables, places, bounded, consent, seen } = draft;
  Object.assign(entry, { found, report, files, rolledBack, problems });
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
