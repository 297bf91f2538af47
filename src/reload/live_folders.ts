/**
 * Keeps a running host true to its plugin folders: what comes, changes or goes
 * there does so in the host.
 *
 * @module
 */

import { errorMessage } from "../errors.ts";
import { startsWithHost } from "../lifecycle/activation.ts";
import type { CatalogueOptions } from "../lifecycle/catalogue.ts";
import type { HostMachinery } from "../lifecycle/host_machinery.ts";
import type { HostParts } from "../lifecycle/host_parts.ts";
import { makeDraft } from "../lifecycle/draft.ts";
import type { Draft } from "../lifecycle/takeover.ts";
import { ownFolder } from "../lifecycle/versions/rolled_back.ts";
import type { ChangeBatch } from "./change_batch.ts";
import type { ChangedPlugin, ChangeSet } from "./change_set.ts";
import { LoopGuard } from "./loop_guard.ts";
import { EVERYTHING, PluginScan } from "./plugin_scan.ts";
import type { Reloader, ReloaderContext } from "./reloader.ts";
import { PluginWatcher, type PluginWatcherOptions } from "./watcher.ts";

/** What it needs. */
export interface LiveFoldersContext
  extends ReloaderContext, Pick<PluginWatcherOptions, "watchFs" | "pollMs"> {
  /** Folders that are plugins or hold some. */
  readonly roots: readonly string[];
  /** How folders are read. */
  readonly reading: CatalogueOptions;
  readonly reloader: Reloader;
  /** What administrators decided; read again before a version takes over. */
  readonly book: { refresh(): Promise<void> };
  /** Told of what could not be brought into force. */
  readonly onNotice: (message: string) => void;
}

/** The plugin folders of a host. */
export class LiveFolders implements AsyncDisposable {
  readonly #context: LiveFoldersContext;
  readonly #scan: PluginScan;
  readonly #guard = new LoopGuard(() => performance.now());
  readonly #held = new Map<string, ReturnType<typeof setTimeout>>();
  #watcher: PluginWatcher | undefined;

  /** @param context What it needs. */
  constructor(context: LiveFoldersContext) {
    this.#context = context;
    this.#scan = new PluginScan(context);
  }

  /** Begins to watch; what changed before is looked at once. */
  async watch(): Promise<void> {
    if (this.#watcher !== undefined) return;
    const { roots, watchFs, pollMs, onNotice } = this.#context;
    this.#watcher = new PluginWatcher({
      roots,
      pluginDirs: this.#scan.pluginDirs,
      onBatch: (batch) => this.#follow(batch),
      onNotice,
      ...(watchFs === undefined ? {} : { watchFs }),
      ...(pollMs === undefined ? {} : { pollMs }),
    });
    await this.#watcher.start();
    await this.#follow(EVERYTHING);
  }

  /** Watches no more; settles when what was noticed is in force. */
  async unwatch(): Promise<void> {
    await this.#watcher?.close();
    this.#watcher = undefined;
    for (const timer of this.#held.values()) clearTimeout(timer);
    this.#held.clear();
  }

  /**
   * Looks at every folder, and brings into force what changed there.
   *
   * @throws {CordonError} Why something could not be: the rest is.
   */
  async rescan(): Promise<void> {
    const errors = await this.#apply(EVERYTHING, { isWatched: false });
    if (errors.length > 0) throw errors[0];
  }

  /** Watches no more. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.unwatch();
  }

  async #follow(batch: ChangeBatch): Promise<void> {
    for (const error of await this.#apply(batch, { isWatched: true })) {
      this.#context.onNotice(errorMessage(error));
    }
  }

  /** @returns What could not be brought into force, each by itself. */
  async #apply(batch: ChangeBatch, { isWatched }: { isWatched: boolean }): Promise<unknown[]> {
    const { takeover, table } = this.#context;
    const errors: unknown[] = [];
    await takeover.inTurn(async () => {
      const changes = await this.#scan.scan(batch);
      const changed = isWatched ? changes.changed.filter((one) => this.#mayReload(one)) : changes.changed;
      for (const id of changes.restored) table.find(id)!.pending = undefined;
      for (
        const step of [() => this.#remove(changes), () => this.#add(changes), () => this.#reload(changed)]
      ) {
        try {
          await step();
        } catch (error) {
          errors.push(error);
        }
      }
    });
    return errors;
  }

  async #remove({ removed }: ChangeSet): Promise<void> {
    const { table, conductor, resolution, reloader } = this.#context;
    for (const { id, dir } of removed) {
      const entry = table.list().find((one) => one.id === id && ownFolder(one) === dir);
      if (entry === undefined) continue;
      const isKnown = entry.admitted !== undefined;
      if (isKnown) await conductor.stopWithDependents(id, "its folder has gone");
      await reloader.forget(entry);
      this.#guard.forget(id);
      table.remove(entry);
    }
    if (removed.length > 0) resolution.resolve();
  }

  async #add({ added }: ChangeSet): Promise<void> {
    if (added.length === 0) return;
    const { table, resolution, registry, book, verdicts, conductor } = this.#context;
    await book.refresh();
    const entries = added.map((one) => table.add(one));
    await verdicts.prepare(table.list());
    const ready = registry.batch(() => {
      resolution.take(entries);
      return resolution.resolve();
    });
    if (!conductor.isStarted) return;
    const atStart = (id: string) => startsWithHost(table.find(id)!.found.manifest!);
    await conductor.startThese(ready.filter(atStart));
  }

  async #reload(changed: readonly ChangedPlugin[]): Promise<void> {
    const { table, takeover, reloader, book, versions } = this.#context;
    if (changed.length === 0) return;
    await book.refresh();
    const drafts: Pick<Draft, "entry" | "draft">[] = [];
    for (const { id, entry: fresh, kinds } of changed) {
      const entry = table.find(id);
      if (entry === undefined) continue;
      const draft = makeDraft(entry, fresh);
      const isAside = kinds.size === 1 && kinds.has("assets") && draft.problems.length === 0;
      // Where it runs from a copy, what it runs is something else altogether.
      if (isAside && entry.rolledBack === undefined) {
        takeover.adopt({ entry, draft: { ...draft, admitted: entry.admitted } });
        if (entry.instance !== undefined) versions.noteRunning(entry);
      } else drafts.push({ entry, draft });
    }
    const files = new Map(changed.map((one) => [one.id, one.files]));
    await reloader.reloadNow(await takeover.examine(drafts), files);
  }

  /** Whether a change is acted on now; one that comes too often is looked at again later. */
  #mayReload({ id, entry, files }: ChangedPlugin): boolean {
    const verdict = this.#guard.judge(id, files);
    if (verdict.type === "reload") return true;
    if (verdict.message !== undefined) {
      this.#context.onNotice(verdict.message);
      this.#context.registry.note("plugin.reload_held", { message: verdict.message, files }, id);
    }
    clearTimeout(this.#held.get(id));
    const again = () => {
      this.#held.delete(id);
      void this.#follow({ dirs: new Set([entry.found.dir]), roots: new Set(), isRescan: false });
    };
    this.#held.set(id, setTimeout(again, Math.max(0, verdict.untilMs - performance.now())));
    return false;
  }
}

/** The plugin folders that a host was opened with. */
export function createLiveFolders(
  parts: HostParts,
  machinery: HostMachinery & { readonly reloader: Reloader },
): LiveFolders {
  const { options, registry, folders } = parts;
  return new LiveFolders({
    ...parts,
    ...machinery,
    roots: options.plugins,
    reading: { registry, workDir: folders.work, signal: options.signal },
    onNotice: (message) => options.onNotice?.(message),
  });
}
