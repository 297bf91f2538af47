/**
 * Copies of versions that ran, so that a plugin can go back to one when its
 * folder holds another. A copy is whole or not there: it is made aside,
 * compared with what ran, and renamed into place.
 *
 * @module
 */

import { dirname } from "node:path";
import { ensureDir, exists } from "@std/fs";
import { hashFiles, inspectFolder } from "../../installer/plugin_folder.ts";
import type { VersionRecord, VersionRecords } from "../../store/version_records.ts";
import type { HostFolders } from "../folders.ts";

/** Versions of a plugin kept beside the one that runs: those that ran through their trial, and those that did not. */
const MAX_KEPT = { good: 3, trial: 2 };

/** What the files of a version weigh at most to be kept. */
export const MAX_COPY_BYTES = 64 * 1024 * 1024;

/** A version to be kept. */
export interface KeptSource {
  /** Plugin id. */
  readonly id: string;
  /** Its version. */
  readonly version: string;
  /** Hash of its files. */
  readonly hash: string;
  /** Where they are. */
  readonly dir: string;
}

/** What came of keeping one; `kept`: it was already, `changed`: its files are not those that ran. */
export type Keeping = "copied" | "kept" | "changed" | "too_large";

/** What a store needs. */
export interface VersionStoreContext {
  readonly folders: Pick<HostFolders, "ofPlugin" | "work">;
  /** What is known of the versions. */
  readonly records: VersionRecords;
  /** What the files of a version weigh at most to be kept. @default {MAX_COPY_BYTES} */
  readonly maxCopyBytes?: number;
}

/** Keeps copies of versions. */
export class VersionStore {
  readonly #context: VersionStoreContext;

  /** @param context What it needs. */
  constructor(context: VersionStoreContext) {
    this.#context = context;
  }

  /** What is known of the versions of plugins. */
  get records(): VersionRecords {
    return this.#context.records;
  }

  /** Why a plugin's files do not run: they were rolled back from; undefined where they may. */
  findRejection(id: string, hash: string): VersionRecord | undefined {
    const record = this.#context.records.get(id, hash);
    return record?.verdict === "rejected" ? record : undefined;
  }

  /** Copies a version that runs, unless it is kept already, and lets the oldest go. */
  async keep(source: KeptSource, signal: AbortSignal): Promise<Keeping> {
    const { records } = this.#context;
    const { id, hash } = source;
    // Whether it is still what it was is seen when it is needed.
    const isKept = records.get(id, hash) !== undefined && await exists(this.dirOf(id, hash));
    if (!isKept) {
      const copied = await this.#copy(source, signal);
      if (typeof copied === "string") return copied;
      records.put({ ...source, bytes: copied.bytes });
    }
    records.noteRun(id, hash);
    await this.#prune(id, hash);
    return isKept ? "kept" : "copied";
  }

  /** Where the copy of a version is, if there is one. */
  dirOf(id: string, hash: string): string {
    return `${this.#context.folders.ofPlugin(id).versions}/${hash}`;
  }

  /**
   * The folder of a version that is kept; one that is not what it was is none, and is forgotten.
   *
   * @returns Undefined where there is none.
   */
  async find(id: string, hash: string): Promise<string | undefined> {
    const { records } = this.#context;
    const dir = this.dirOf(id, hash);
    const record = records.get(id, hash);
    if (record === undefined || record.verdict === "rejected") return undefined;
    if (await hashOf(dir) === hash) return dir;
    records.remove(id, hash);
    return undefined;
  }

  async #copy(
    { id, hash, dir }: KeptSource,
    signal: AbortSignal,
  ): Promise<{ bytes: number } | "changed" | "too_large"> {
    const { folders, maxCopyBytes = MAX_COPY_BYTES } = this.#context;
    // That folder is cleared when a host opens: one that is killed leaves nothing.
    const temporary = await Deno.makeTempDir({ dir: folders.work, prefix: "version-" });
    try {
      const { files, problems } = inspectFolder(dir);
      if (problems.length > 0) return "changed";
      let bytes = 0;
      for (const file of files) bytes += (await Deno.lstat(`${dir}/${file}`)).size;
      if (bytes > maxCopyBytes) return "too_large";
      for (const file of files) {
        signal.throwIfAborted();
        await ensureDir(dirname(`${temporary}/${file}`));
        await Deno.copyFile(`${dir}/${file}`, `${temporary}/${file}`);
      }
      // A save or a link that came in between makes it something else.
      if (await hashOf(temporary) !== hash) return "changed";
      signal.throwIfAborted();
      const copy = this.dirOf(id, hash);
      await ensureDir(dirname(copy));
      // What is there without a record is of a host that was killed, or not what it was.
      if (await exists(copy)) await Deno.remove(copy, { recursive: true });
      await Deno.rename(temporary, copy);
      return { bytes };
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return "changed";
      throw error;
    } finally {
      if (await exists(temporary)) await Deno.remove(temporary, { recursive: true });
    }
  }

  /** Lets versions go beyond those that are kept, and what is none. */
  async #prune(id: string, running: string): Promise<void> {
    const { folders, records } = this.#context;
    const kept = records.list(id).filter(({ verdict }) => verdict !== "rejected");
    const others = kept.filter(({ hash }) => hash !== running);
    const last = (verdict: keyof typeof MAX_KEPT) =>
      others.filter((record) => record.verdict === verdict).slice(0, MAX_KEPT[verdict]);
    const hashes = ({ hash }: VersionRecord) => hash;
    const staying = new Set([running, ...last("good").map(hashes), ...last("trial").map(hashes)]);
    for (const { hash } of kept) if (!staying.has(hash)) records.remove(id, hash);
    const { versions } = folders.ofPlugin(id);
    for (const { name } of await Array.fromAsync(Deno.readDir(versions))) {
      if (!staying.has(name)) await Deno.remove(`${versions}/${name}`, { recursive: true });
    }
  }
}

/** Hash of a folder's files; undefined where they are no plugin's, or cannot be read. */
async function hashOf(dir: string): Promise<string | undefined> {
  try {
    const { files, problems } = inspectFolder(dir);
    return problems.length > 0 ? undefined : await hashFiles(dir, files);
  } catch {
    // Whatever keeps it from being read keeps it from being run.
    return undefined;
  }
}
