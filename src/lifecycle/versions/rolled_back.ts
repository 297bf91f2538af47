/**
 * That a plugin has gone back: it runs from the copy of an earlier version,
 * while its own folder holds what was rejected.
 *
 * @module
 */

import type { VersionRecord } from "../../store/version_records.ts";

/** That a plugin runs an earlier version than its folder holds. */
export interface RolledBack {
  /** Its own folder. */
  readonly dir: string;
  /** The version that it was rolled back from. */
  readonly version: string;
  /** Why. */
  readonly reason: string;
  /** Since when, as an ISO 8601 date and time. */
  readonly since: string;
}

/** Says that a version was rejected, when and why. */
export function describeRejection(
  { version, kept, reason }: Pick<VersionRecord, "version" | "kept" | "reason">,
): string {
  return `${version} was rolled back from on ${kept.slice(0, 10)}: ${reason}`;
}

/** A plugin's own folder, wherever it runs from. */
export function ownFolder(
  { found, rolledBack }: { readonly found: { readonly dir: string }; readonly rolledBack?: RolledBack },
): string {
  return rolledBack?.dir ?? found.dir;
}
