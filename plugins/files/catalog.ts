/** What a listed file is: a Markdown page, or something that pages refer to. */
export type FileKind = "page" | "asset";

/** One listed file. */
export interface FileEntry {
  /** Relative to the input folder, with `/` between names. */
  readonly path: string;
  readonly kind: FileKind;
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly modified: number;
  /** Differs when the content does: SHA-256 of a page, size and time of an asset. */
  readonly hash: string;
}

/** The answer to "what changed since?"; ask again with its revision while there is `more`. */
export interface CatalogChanges {
  readonly revision: number;
  /** The list begins anew: whatever the following pages of it do not name is gone. */
  readonly reset: boolean;
  readonly changed: FileEntry[];
  readonly removed: string[];
  readonly more: boolean;
}

type CatalogRecord = { readonly revision: number; readonly path: string; readonly entry?: FileEntry };

const MAX_REMOVED = 10_000;
const DEFAULT_LIMIT = 500;
const MAX_LIMIT = 2_000;

/**
 * The listed files in the order of their last change. Each change has a
 * revision of its own, so that an answer can end anywhere and go on later.
 */
export class Catalog {
  // A Map keeps the order of insertion; a changed record is deleted and set
  // anew, so the order is that of the revisions, and reading it from the end
  // of `since` needs no second index.
  readonly #records = new Map<string, CatalogRecord>();
  #revision: number;
  #floor: number;
  #removed = 0;
  #size = 0;

  /** @param first A number larger than any revision of an earlier catalog: that is how consumers notice a new one. */
  constructor(first: number) {
    this.#revision = first;
    this.#floor = first;
  }

  get revision(): number {
    return this.#revision;
  }

  /** Files listed now. */
  get size(): number {
    return this.#size;
  }

  get(path: string): FileEntry | undefined {
    return this.#records.get(path)?.entry;
  }

  *paths(): IterableIterator<string> {
    for (const record of this.#records.values()) if (record.entry) yield record.path;
  }

  /** Lists a file; a new time alone is no change. */
  set(entry: FileEntry): void {
    const old = this.#records.get(entry.path);
    if (old?.entry && old.entry.hash === entry.hash && old.entry.kind === entry.kind) {
      this.#records.set(entry.path, { ...old, entry });
      return;
    }
    if (old && !old.entry) this.#removed--;
    if (!old?.entry) this.#size++;
    this.#put(entry.path, entry);
  }

  remove(path: string): void {
    if (!this.#records.get(path)?.entry) return;
    this.#size--;
    this.#removed++;
    this.#put(path);
    if (this.#removed > MAX_REMOVED) this.#forgetRemoved();
  }

  changes(since?: number, limit: number = DEFAULT_LIMIT): CatalogChanges {
    const reset = since === undefined || since < this.#floor || since > this.#revision;
    const count = Math.min(Math.max(Math.trunc(limit), 1), MAX_LIMIT);
    const changed: FileEntry[] = [];
    const removed: string[] = [];
    let revision = this.#revision;
    let more = false;
    for (const record of this.#records.values()) {
      if (!reset && record.revision <= since) continue;
      if (reset && !record.entry) continue;
      if (changed.length + removed.length === count) {
        more = true;
        break;
      }
      if (record.entry) changed.push(record.entry);
      else removed.push(record.path);
      revision = record.revision;
    }
    return { revision: more ? revision : this.#revision, reset, changed, removed, more };
  }

  #put(path: string, entry?: FileEntry): void {
    this.#records.delete(path);
    this.#records.set(path, { revision: ++this.#revision, path, entry });
  }

  #forgetRemoved(): void {
    for (const record of this.#records.values()) if (!record.entry) this.#records.delete(record.path);
    this.#removed = 0;
    this.#floor = this.#revision;
  }
}
