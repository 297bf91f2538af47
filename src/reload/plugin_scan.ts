/**
 * Reads the folders of plugins again, and says what changed about the plugins
 * that the host knows.
 *
 * @module
 */

import { CordonError } from "../errors.ts";
import type { CatalogueEntry } from "../lifecycle/catalogue_entry.ts";
import { type CatalogueOptions, readPluginFolders, refuseSecond } from "../lifecycle/catalogue.ts";
import { findPluginFolders } from "../lifecycle/discovery.ts";
import type { PluginTable } from "../lifecycle/plugin_table.ts";
import { ownFolder, ownVersion } from "../lifecycle/versions/rolled_back.ts";
import type { ChangeBatch } from "./change_batch.ts";
import { type ChangeSet, compareVersions, findChanges } from "./change_set.ts";

/** Everything, whatever changed. */
export const EVERYTHING: ChangeBatch = { dirs: new Set(), roots: new Set(), isRescan: true };

/** What a scan needs. */
export interface PluginScanContext {
  /** Folders that are plugins or hold some. */
  readonly roots: readonly string[];
  /** The plugins as they run, or would. */
  readonly table: Pick<PluginTable, "list">;
  /** How folders are read. */
  readonly reading: CatalogueOptions;
}

/** What a scan found. */
export interface ScannedChanges extends ChangeSet {
  /** Ids of plugins that were told as changed, and whose folders are now again what the table has. */
  readonly restored: readonly string[];
}

/** Compares the plugins on disk with the table. */
export class PluginScan {
  readonly #context: PluginScanContext;
  /** The plugin folders beneath each root, as they were last listed. */
  readonly #listings = new Map<string, readonly string[]>();
  /** What was told of a folder and is not in the table: it is told once. */
  readonly #told = new Map<string, CatalogueEntry>();
  readonly #pluginDirs = new Set<string>();

  /** @param context Which folders, and what is known of them. */
  constructor(context: PluginScanContext) {
    this.#context = context;
    for (const entry of context.table.list()) this.#pluginDirs.add(ownFolder(entry));
  }

  /** The plugin folders that are known, always as they were last seen. */
  get pluginDirs(): ReadonlySet<string> {
    return this.#pluginDirs;
  }

  /** Reads what a batch names, and everything at a rescan. What was told and not taken over is not told again. */
  async scan({ dirs, roots, isRescan }: ChangeBatch): Promise<ScannedChanges> {
    const known = new Map(this.#context.table.list().map((entry) => [ownFolder(entry), ownVersion(entry)]));
    const isListed = isRescan || roots.size > 0;
    if (isListed) await this.#list(isRescan ? this.#context.roots : [...roots], known);
    const read = [...this.#pluginDirs].filter((dir) =>
      // Whoever is refused for its neighbour's sake may be alone now.
      isRescan || dirs.has(dir) || !known.has(dir) ||
      (isListed && known.get(dir)!.found.manifest === undefined)
    );
    const fresh = new Map((await this.#read(read)).map((entry) => [entry.found.dir, entry]));
    const now = [...this.#pluginDirs].map((dir) => fresh.get(dir) ?? known.get(dir)!);
    return this.#withoutTold(findChanges([...known.values()], refuseSecond(now)), new Set(fresh.keys()));
  }

  #read(dirs: readonly string[]): Promise<CatalogueEntry[]> {
    const { reading, table } = this.#context;
    const known = new Map(table.list().map((entry) => [ownFolder(entry), ownVersion(entry)]));
    return readPluginFolders(dirs.toSorted(), { ...reading, before: (dir) => known.get(dir) });
  }

  /** Brings the set of folders up to date. */
  async #list(roots: readonly string[], known: ReadonlyMap<string, unknown>): Promise<void> {
    for (const root of this.#context.roots) {
      if (roots.includes(root) || !this.#listings.has(root)) {
        this.#listings.set(root, await listRoot(root) ?? this.#listings.get(root) ?? [...known.keys()]);
      }
    }
    this.#pluginDirs.clear();
    for (const dir of [...this.#listings.values()].flat()) this.#pluginDirs.add(dir);
  }

  #withoutTold(changes: ChangeSet, read: ReadonlySet<string>): ScannedChanges {
    const open = new Set([...changes.added, ...changes.changed.map(({ entry }) => entry)].map(dirOf));
    const restored: string[] = [];
    for (const [dir, told] of this.#told) {
      if (open.has(dir) || (this.#pluginDirs.has(dir) && !read.has(dir))) continue;
      this.#told.delete(dir);
      const entry = this.#context.table.list().find((one) => ownFolder(one) === dir);
      const isRestored = entry !== undefined && this.#pluginDirs.has(dir) &&
        compareVersions(told, ownVersion(entry)) !== undefined;
      if (isRestored) restored.push(entry.id);
    }
    return {
      added: changes.added.filter((entry) => this.#isNews(entry)),
      removed: changes.removed,
      changed: changes.changed.filter(({ entry }) => this.#isNews(entry)),
      restored,
    };
  }

  #isNews(entry: CatalogueEntry): boolean {
    const told = this.#told.get(dirOf(entry));
    this.#told.set(dirOf(entry), entry);
    return told === undefined || compareVersions(told, entry) !== undefined;
  }
}

/** The folders beneath a root: none where it has gone; undefined where it cannot be read just now. */
async function listRoot(root: string): Promise<string[] | undefined> {
  try {
    return await findPluginFolders([root]);
  } catch (error) {
    if (!(error instanceof CordonError)) throw error;
    return error.cause instanceof Deno.errors.NotFound ? [] : undefined;
  }
}

function dirOf({ found }: CatalogueEntry): string {
  return found.dir;
}
