/**
 * What a change of plugin folders comes down to: plugins that came, went or
 * changed, and what each of these needs.
 *
 * @module
 */

import type { CatalogueEntry } from "../lifecycle/catalogue_entry.ts";
import { findChangedFiles, findChangeKinds } from "./change_kinds.ts";
import type { ChangeKind } from "./change_kinds.ts";

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

/** Compares the plugins that were known with those that are there. */
export function findChanges(
  before: readonly CatalogueEntry[],
  after: readonly CatalogueEntry[],
): ChangeSet {
  const were = new Map(before.map((entry) => [entry.found.dir, entry]));
  const added: CatalogueEntry[] = [];
  const changed: ChangedPlugin[] = [];
  const gone = new Map(were);
  for (const entry of after) {
    const old = were.get(entry.found.dir);
    if (old === undefined || isOther(old, entry)) {
      added.push(entry);
      continue;
    }
    gone.delete(entry.found.dir);
    const change = compareVersions(old, entry);
    if (change !== undefined) changed.push(change);
  }
  for (const [index, entry] of [...added.entries()].reverse()) {
    const old = findMoved(gone, entry);
    if (old === undefined) continue;
    gone.delete(old.found.dir);
    added.splice(index, 1);
    // It runs from the folder that has gone.
    changed.push({ id: old.found.id, entry, kinds: new Set(["code"]), files: findChangedFiles(old, entry) });
  }
  return {
    added,
    removed: [...gone.values()].map(({ found: { id, dir } }) => ({ id, dir })),
    changed: changed.sort((a, b) => a.id < b.id ? -1 : a.id > b.id ? 1 : 0),
  };
}

/** Whether what stands in a folder is another plugin; one that cannot be read any more is still the same. */
function isOther({ found: old }: CatalogueEntry, { found }: CatalogueEntry): boolean {
  if (found.manifest === undefined) return false;
  return old.manifest === undefined || old.id !== found.id;
}

function findMoved(
  gone: ReadonlyMap<string, CatalogueEntry>,
  { found }: CatalogueEntry,
): CatalogueEntry | undefined {
  if (found.manifest === undefined) return undefined;
  return [...gone.values()].find(({ found: old }) =>
    old.manifest !== undefined && old.id === found.id && old.dir !== found.dir
  );
}

/** What changed about a plugin; undefined where nothing did. */
export function compareVersions(old: CatalogueEntry, entry: CatalogueEntry): ChangedPlugin | undefined {
  const files = findChangedFiles(old, entry);
  const kinds = findChangeKinds(old, { entry, files });
  return kinds.size === 0 ? undefined : { id: old.found.id, entry, kinds, files };
}
