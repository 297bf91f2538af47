/**
 * What changed in the watched folders since the last batch: which plugin
 * folders were touched, and where plugins may have come or gone. It holds
 * folders, no files, so that a storm of changes weighs no more than a few.
 *
 * @module
 */

import { MANIFEST_FILES } from "../lifecycle/discovery.ts";
import { isIgnoredPath } from "./ignored_names.ts";

/** Changes that were delivered together. */
export interface ChangeBatch {
  /** Plugin folders with something touched in them. */
  readonly dirs: ReadonlySet<string>;
  /** Roots, as they were named, in which plugins may have come or gone. */
  readonly roots: ReadonlySet<string>;
  /** Whether changes were lost: everything has to be looked at. */
  readonly isRescan: boolean;
}

/** A folder that is watched. */
export interface WatchedRoot {
  /** As it was named. */
  readonly name: string;
  /** Its real path. */
  readonly path: string;
}

/** What happened to a path: `begun` may go on, `written` and `moved` (to there) are done. */
export type EventKind = "begun" | "written" | "moved" | "removed";

/** What is likely to follow, and so how long to wait for it. */
export type Expectation = "nothing" | "more" | "return";

/** Most paths that are remembered. */
const MAX_PATHS = 1_000;

/** Gathers the changes of a batch. */
export class ChangeGathering {
  readonly #pluginDirs: ReadonlySet<string>;
  readonly #dirs = new Set<string>();
  readonly #roots = new Set<string>();
  #isRescan = false;
  /** Files that were begun and not closed since, and new folders. */
  readonly #begun = new Set<string>();
  /** What appeared beside the plugins, with its root: of interest if it is a folder. */
  readonly #appeared = new Map<string, string>();
  /** Plugin folders that went, or lost their manifest: whoever replaces one takes it away first. */
  readonly #missing = new Set<string>();

  /** @param pluginDirs Folders of the plugins there are, as they are now. */
  constructor(pluginDirs: ReadonlySet<string>) {
    this.#pluginDirs = pluginDirs;
  }

  /** Whether something was begun that may go on unseen: nobody watches a folder in its first moment. */
  get isUnfinished(): boolean {
    return this.#begun.size > 0;
  }

  /** Takes up a change; undefined where it concerns no plugin. */
  note(root: WatchedRoot, kind: EventKind, path: string): Expectation | undefined {
    const inside = path.slice(root.path.length + 1);
    if (inside !== "" && isIgnoredPath(inside)) return undefined;
    if (kind !== "begun") this.#begun.delete(path);
    const dir = this.#findPluginDir(root, path);
    if (dir !== undefined) this.#noteInside(dir, { root, kind, path });
    else if (!this.#noteBeside(root, kind, path)) return undefined;
    if (kind === "begun" && this.#begun.size < MAX_PATHS) this.#begun.add(path);
    return this.#missing.size > 0 ? "return" : this.#begun.size > 0 ? "more" : "nothing";
  }

  /** Takes up that everything beneath a root, by its name, has to be looked at. */
  noteRescan(root: string): void {
    this.#roots.add(root);
    this.#isRescan = true;
  }

  /** Takes up folders once more. */
  noteAgain({ dirs, roots }: { readonly dirs: Iterable<string>; readonly roots: Iterable<string> }): void {
    for (const dir of dirs) this.#dirs.add(dir);
    for (const root of roots) this.#roots.add(root);
  }

  /** The batch; undefined where nothing in it concerns a plugin. */
  async finish(): Promise<ChangeBatch | undefined> {
    for (const [path, root] of this.#appeared) {
      if (!this.#roots.has(root) && await isFolder(path)) this.#roots.add(root);
    }
    if (this.#dirs.size === 0 && this.#roots.size === 0) return undefined;
    return { dirs: this.#dirs, roots: this.#roots, isRescan: this.#isRescan };
  }

  #findPluginDir(root: WatchedRoot, path: string): string | undefined {
    for (let dir = path; dir.length >= root.path.length; dir = parentOf(dir)) {
      if (this.#pluginDirs.has(dir)) return dir;
    }
    return undefined;
  }

  #noteInside(
    dir: string,
    { root, kind, path }: { root: WatchedRoot; kind: EventKind; path: string },
  ): void {
    this.#dirs.add(dir);
    if (path !== dir && !isManifest(path)) return;
    if (kind !== "written") this.#roots.add(root.name);
    if (kind === "removed") this.#missing.add(dir);
    else if (kind !== "begun") this.#missing.delete(dir);
  }

  /** Whether a change beside the plugins concerns any. */
  #noteBeside(root: WatchedRoot, kind: EventKind, path: string): boolean {
    const beneath = [...this.#pluginDirs].filter((dir) => dir.startsWith(`${path}/`));
    for (const dir of beneath) {
      this.#dirs.add(dir);
      if (kind === "removed") this.#missing.add(dir);
      else this.#missing.delete(dir);
    }
    if (isManifest(path) || beneath.length > 0) {
      this.#roots.add(root.name);
      return true;
    }
    if (kind === "written" || kind === "removed") return false;
    if (this.#appeared.size < MAX_PATHS) this.#appeared.set(path, root.name);
    else this.#roots.add(root.name);
    return true;
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await Deno.lstat(path)).isDirectory;
  } catch {
    // It has gone again.
    return false;
  }
}

function isManifest(path: string): boolean {
  return (MANIFEST_FILES as readonly string[]).includes(path.slice(path.search(/[^/\\]*$/)));
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")));
}
