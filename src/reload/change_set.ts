/**
 * What a change of plugin folders comes down to: plugins that came, went or
 * changed, and what each of these needs.
 *
 * @module
 */

import type { CatalogueEntry } from "../lifecycle/catalogue.ts";

/** What about a plugin changed; `assets` alone needs no reload. */
export type ChangeKind = "code" | "manifest" | "configuration" | "assets" | "permissions" | "contract";

/** A plugin that changed. */
export interface ChangedPlugin {
  /** Its id, as it was known. */
  readonly id: string;
  /** What stands in its folder now: possibly something that cannot be used. */
  readonly entry: CatalogueEntry;
  /** What about it changed. */
  readonly kinds: ReadonlySet<ChangeKind>;
  /** The files that changed, came or went, sorted. */
  readonly files: readonly string[];
}

/** A plugin that went. */
export interface RemovedPlugin {
  /** Its id, as it was known. */
  readonly id: string;
  /** Where it was: of two folders with one id, only one may have gone. */
  readonly dir: string;
}

/** What changed about the plugins. */
export interface ChangeSet {
  /** Plugins that came; one whose id changed is among them and among the removed. */
  readonly added: readonly CatalogueEntry[];
  /** Plugins that went. */
  readonly removed: readonly RemovedPlugin[];
  /** Plugins that changed. */
  readonly changed: readonly ChangedPlugin[];
}
