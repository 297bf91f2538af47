import type { Catalog } from "./catalog.ts";
import {
  decodePage,
  isSkipped,
  kindOf,
  MAX_PAGE_BYTES,
  nameProblem,
  reasonOf,
  SITE_MARKER,
} from "./folder.ts";
import type { Folder, Problem } from "./folder.ts";

const MAX_FILES = 100_000;
const MAX_PROBLEMS = 1_000;
const CONCURRENCY = 8;
const SETTLED_MS = 2_000;

/** Keeps a catalog equal to a folder: wholly, or only where something was touched. */
export class Scanner {
  readonly #folder: Folder;
  readonly #catalog: Catalog;
  readonly #signal: AbortSignal;
  readonly #problems = new Map<string, string>();
  #isFull = false;

  constructor(folder: Folder, catalog: Catalog, signal: AbortSignal) {
    this.#folder = folder;
    this.#catalog = catalog;
    this.#signal = signal;
  }

  /** What could not be listed, sorted by path. */
  get problems(): Problem[] {
    const list = [...this.#problems].map(([path, reason]) => ({ path, reason }));
    if (this.#isFull) {
      list.push({ path: "", reason: `It holds more than ${MAX_FILES} files; the others are left out` });
    }
    return list.sort((a, b) => a.path < b.path ? -1 : 1);
  }

  /** Brings the whole catalog up to date. */
  async scanAll(): Promise<void> {
    this.#isFull = false;
    await this.#scanFolder("");
  }

  /** Brings the catalog up to date where something was touched; paths may be files, folders, or gone. */
  async scan(paths: ReadonlySet<string>): Promise<void> {
    const folders = new Map<string, Promise<boolean>>();
    for (const path of paths) {
      this.#signal.throwIfAborted();
      if (path === "") return await this.scanAll();
      const names = path.split("/");
      const parent = names.slice(0, -1).join("/");
      if (names.at(-1) === SITE_MARKER) {
        folders.clear();
        await this.#scanFolder(parent);
        continue;
      }
      if (names.some(isSkipped)) continue;
      let isSource = folders.get(parent);
      if (!isSource) folders.set(parent, isSource = this.#isSource(names.slice(0, -1)));
      if (await isSource) await this.#scanPath(path);
    }
  }

  /** Whether no folder on the way down was written by cordon.site. */
  async #isSource(names: string[]): Promise<boolean> {
    for (let depth = 1; depth <= names.length; depth++) {
      if (await this.#folder.isSite(names.slice(0, depth).join("/"))) return false;
    }
    return true;
  }

  async #scanPath(path: string): Promise<void> {
    try {
      const info = await Deno.lstat(this.#folder.at(path));
      if (info.isDirectory) return await this.#scanFolder(path);
      this.#forget(path, true);
      await this.#scanFile(path, info.isSymlink);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory)) throw error;
      this.#forget(path);
    }
  }

  async #scanFolder(start: string): Promise<void> {
    const seen = new Set<string>();
    const waiting = [start];
    for (const path of this.#problems.keys()) if (isWithin(path, start)) this.#problems.delete(path);
    for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
      this.#signal.throwIfAborted();
      const listed = await this.#list(folder);
      if (!listed) {
        if (folder === "") return; // keep what was known: a folder that is away for a moment is not empty
        continue;
      }
      waiting.push(...listed.folders);
      for (const file of listed.files) seen.add(file.path);
      await each(listed.files, (file) => this.#scanFile(file.path, file.isSymlink));
    }
    for (const path of [...this.#catalog.paths()]) {
      if (isWithin(path, start) && !seen.has(path)) this.#catalog.remove(path);
    }
  }

  async #list(folder: string): Promise<Listed | undefined> {
    const listed: Listed = { files: [], folders: [] };
    try {
      for await (const { name, isDirectory, isSymlink } of Deno.readDir(this.#folder.at(folder))) {
        if (name === SITE_MARKER && folder !== "") return { files: [], folders: [] };
        const path = folder === "" ? name : `${folder}/${name}`;
        if (isSkipped(name) || (!isDirectory && !isSymlink && !kindOf(name))) continue;
        const problem = nameProblem(name);
        if (problem) this.#report(path, problem);
        else if (isDirectory) listed.folders.push(path);
        else listed.files.push({ path, isSymlink });
      }
      return listed;
    } catch (error) {
      this.#report(folder, reasonOf(error));
      return undefined;
    }
  }

  async #scanFile(path: string, isSymlink: boolean): Promise<void> {
    try {
      const info = isSymlink ? await this.#folder.stat(path) : await Deno.lstat(this.#folder.at(path));
      const kind = kindOf(path);
      if (isSymlink && info.isDirectory) throw new Error("It is a link to a folder, which is not followed");
      if (!kind) return;
      if (!info.isFile) throw new Error("It is not a regular file");
      const size = info.size;
      const modified = info.mtime?.getTime() ?? 0;
      const known = this.#catalog.get(path);
      // A file may change twice within one tick of its clock: a recent time proves nothing.
      const isSettled = kind === "asset" || Date.now() - modified > SETTLED_MS;
      if (known?.size === size && known.modified === modified && known.kind === kind && isSettled) return;
      if (!known && this.#catalog.size >= MAX_FILES) {
        this.#isFull = true;
        return;
      }
      const hash = kind === "asset" ? `${size}-${modified}` : await this.#hashPage(path, size);
      this.#problems.delete(path);
      this.#catalog.set({ path, kind, size, modified, hash });
    } catch (error) {
      this.#catalog.remove(path);
      // Gone between listing and looking is no problem; nor is a dead link to something never listed.
      if (error instanceof Deno.errors.NotFound && !(isSymlink && kindOf(path))) return;
      this.#report(path, reasonOf(error));
    }
  }

  async #hashPage(path: string, size: number): Promise<string> {
    if (size > MAX_PAGE_BYTES) {
      throw new RangeError(`It is larger than ${MAX_PAGE_BYTES / 1024 / 1024} MiB; split it`);
    }
    const bytes = await this.#folder.readBytes(path, 0, MAX_PAGE_BYTES);
    decodePage(bytes);
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
    return digest.toHex();
  }

  /** Forgets a path that is gone, or with `onlyBelow` what once lay below it when it was a folder. */
  #forget(path: string, onlyBelow = false): void {
    for (const known of [...this.#problems.keys()]) if (isWithin(known, path)) this.#problems.delete(known);
    if (!onlyBelow && this.#catalog.get(path)) return this.#catalog.remove(path);
    if (kindOf(path) && this.#catalog.get(path)) return;
    for (const known of [...this.#catalog.paths()]) {
      if (known !== path && isWithin(known, path)) this.#catalog.remove(known);
    }
  }

  #report(path: string, reason: string): void {
    if (this.#problems.size < MAX_PROBLEMS || this.#problems.has(path)) this.#problems.set(path, reason);
  }
}

type Listed = { files: { path: string; isSymlink: boolean }[]; folders: string[] };

function isWithin(path: string, folder: string): boolean {
  return folder === "" || path === folder || path.startsWith(`${folder}/`);
}

async function each<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < items.length) await work(items[next++]!);
  };
  await Promise.all(Array.from({ length: Math.min(CONCURRENCY, items.length) }, worker));
}
