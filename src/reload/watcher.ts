/**
 * Tells in batches what changes in the folders of plugins. One watcher serves
 * all of them; the batches come one after the other.
 *
 * @module
 */

import { resolve } from "node:path";
import { errorMessage } from "../errors.ts";
import { type ChangeBatch, ChangeGathering, type Expectation } from "./change_batch.ts";
import { FolderSettling } from "./folder_settling.ts";
import { findGitLocks, isGitBusy } from "./git_lock.ts";
import { RootWatch, type SystemWatch } from "./root_watch.ts";

/** How long nothing may come before a batch is over, by what is likely to follow. */
const QUIET_MS: Readonly<Record<Expectation, number>> = {
  // Files that were closed after writing or moved into place are whole.
  nothing: 2,
  more: 50,
  return: 250,
};
/** When folders in which something was begun are looked at once more. */
const AGAIN_MS = 250;
/** How often it is looked whether git is done. */
const GIT_LOOK_MS = 10;

/** What a watcher needs. */
export interface PluginWatcherOptions {
  /** Folders that are plugins or hold some. */
  readonly roots: readonly string[];
  /** Real paths of the plugin folders that are known; whoever owns the set keeps it current. */
  readonly pluginDirs: ReadonlySet<string>;
  /** Acts on a batch; what changes meanwhile comes with the next. */
  readonly onBatch: (batch: ChangeBatch) => Promise<void>;
  /** Told when a folder cannot be watched, and when acting on a batch fails. */
  readonly onNotice?: (message: string) => void;
  /**
   * Opens a watch of the system.
   *
   * @default {Deno.watchFs}
   */
  readonly watchFs?: (path: string) => SystemWatch;
  /**
   * Shortest time between two looks at a folder that cannot be watched.
   *
   * @default {1_000}
   */
  readonly pollMs?: number;
}

/** Watches the folders of plugins. */
export class PluginWatcher implements AsyncDisposable {
  readonly #options: PluginWatcherOptions;
  readonly #ending = new AbortController();
  readonly #settling = new FolderSettling(() => this.#deliver());
  readonly #watches: readonly RootWatch[];
  readonly #told = new Set<string>();
  #running: Promise<unknown> = Promise.resolve();
  #gitLocks: readonly string[] = [];
  #gathering: ChangeGathering | undefined;
  /** What is looked at once more. */
  #again: { readonly timer: ReturnType<typeof setTimeout>; readonly batches: ChangeBatch[] } | undefined;

  /** @param options Which folders, and whom it tells. */
  constructor(options: PluginWatcherOptions) {
    this.#options = options;
    const { roots, watchFs = Deno.watchFs, pollMs = 1_000 } = options;
    this.#watches = withoutNested(roots).map((name) =>
      new RootWatch(name, {
        watchFs,
        pollMs,
        signal: this.#ending.signal,
        onChange: (root, kind, path) => {
          const expected = this.#gather().note(root, kind, path);
          if (expected !== undefined) this.#settling.note(QUIET_MS[expected]);
        },
        onPolled: (root, { dirs, hasMoved }) => {
          this.#gather().noteAgain({ dirs, roots: hasMoved ? [root.name] : [] });
          this.#settling.note(QUIET_MS.nothing);
        },
        onRescan: (root) => {
          this.#gather().noteRescan(root);
          this.#settling.note(QUIET_MS.more);
        },
        onObstacle: (root, reason) => this.#tellObstacle(root, reason),
      })
    );
  }

  /** Begins to watch. What changed before is not told: look once when this settles. */
  async start(): Promise<void> {
    this.#gitLocks = await findGitLocks(this.#options.roots.map((root) => resolve(root)));
    this.#running = Promise.all(this.#watches.map((watch) => watch.run()));
    await Promise.all(this.#watches.map(({ started }) => started));
  }

  /** Watches no more, and waits until the batch that is acted on is done. */
  async close(): Promise<void> {
    this.#ending.abort();
    clearTimeout(this.#again?.timer);
    this.#again = undefined;
    await this.#running;
    await this.#settling.close();
  }

  /** Closes it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #gather(): ChangeGathering {
    return this.#gathering ??= new ChangeGathering(this.#options.pluginDirs);
  }

  async #deliver(): Promise<void> {
    // A checkout is one change, however long it takes.
    if (await isGitBusy(this.#gitLocks)) return this.#settling.note(GIT_LOOK_MS);
    const gathering = this.#gather();
    this.#gathering = undefined;
    const batch = await gathering.finish();
    if (batch === undefined) return;
    try {
      await this.#options.onBatch(batch);
    } catch (error) {
      this.#options.onNotice?.(`Cannot act on changed plugins: ${errorMessage(error)}`);
    }
    if (gathering.isUnfinished) this.#lookAgain(batch);
  }

  #lookAgain(batch: ChangeBatch): void {
    if (this.#ending.signal.aborted) return;
    if (this.#again !== undefined) return void this.#again.batches.push(batch);
    const batches = [batch];
    const timer = setTimeout(() => {
      this.#again = undefined;
      for (const one of batches) this.#gather().noteAgain(one);
      this.#settling.note(QUIET_MS.nothing);
    }, AGAIN_MS);
    this.#again = { timer, batches };
  }

  /** What is short on the machine is short for all roots, and told once. */
  #tellObstacle(root: string, reason: string): void {
    if (this.#told.has(reason)) return;
    this.#told.add(reason);
    const pace = "it is looked at again and again instead, which takes longer to notice";
    this.#options.onNotice?.(`Cannot watch "${root}": ${reason}; ${pace}`);
  }
}

/** Roots inside of others are watched with these. */
function withoutNested(roots: readonly string[]): string[] {
  const paths = [...new Map(roots.map((root) => [resolve(root), root]))];
  return paths.filter(([path]) => !paths.some(([other]) => path.startsWith(`${other}/`)))
    .map(([, root]) => root);
}
