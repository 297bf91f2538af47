/**
 * That a plugin has gone back: it runs from the copy of an earlier version,
 * while its own folder holds what was rejected.
 *
 * @module
 */

import type { VersionRecord } from "../../store/version_records.ts";
import type { CatalogueEntry } from "../catalogue_entry.ts";

/** That a plugin runs an earlier version than its folder holds. */
export interface RolledBack {
  /** The version that it was rolled back from. */
  readonly version: string;
  /** Why. */
  readonly reason: string;
  /** Since when, as an ISO 8601 date and time. */
  readonly since: string;
}

/** The version that a plugin has: of its own folder, or of a copy. */
export interface ChosenVersion extends CatalogueEntry {
  /** Where it is a copy: why, and what the plugin's own folder held then. */
  readonly rolledBack?: RolledBack & { readonly own: CatalogueEntry };
}

/** What a plugin's own folder held when it was read last, wherever it runs from. */
export function ownVersion({ found, report, files, rolledBack }: ChosenVersion): CatalogueEntry {
  return rolledBack?.own ?? { found, report, files };
}

/** A plugin's own folder, wherever it runs from. */
export function ownFolder({ found, rolledBack }: Pick<ChosenVersion, "found" | "rolledBack">): string {
  return (rolledBack?.own ?? { found }).found.dir;
}

/** Says that a version was rejected, when and why. */
export function describeRejection(
  { version, kept, reason }: Pick<VersionRecord, "version" | "kept" | "reason">,
): string {
  return `${version} was rolled back from on ${kept.slice(0, 10)}: ${reason}`;
}
