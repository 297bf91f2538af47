/** One listed file, as cordon.files names it. */
export interface FileEntry {
  readonly path: string;
  readonly kind: "page" | "asset";
  readonly size: number;
  readonly hash: string;
}

/** The methods of cordon.files that a follower of it needs. */
export interface Files {
  changes(since?: number | null, limit?: number | null): Promise<FilesChanges>;
  read(path: string): Promise<string>;
  readBytes(path: string, offset?: number, length?: number): Promise<Uint8Array>;
  problems(): Promise<{ path: string; reason: string }[]>;
}

/** What `changes()` answers. */
export interface FilesChanges {
  readonly revision: number;
  readonly reset: boolean;
  readonly changed: readonly FileEntry[];
  readonly removed: readonly string[];
  readonly more: boolean;
  readonly name: string;
  readonly isSite: boolean;
}

/** A part of what changed; applying one twice must do no harm. */
export interface Batch {
  readonly changed: readonly FileEntry[];
  readonly removed: readonly string[];
  readonly revision: number;
  /** Whether more is known to follow at once. */
  readonly more: boolean;
  readonly source: FilesChanges;
}

/** What a follower does with changes. */
export interface FollowOptions {
  readonly signal: AbortSignal;
  readonly files: () => Promise<Pick<Files, "changes">>;
  /** Paths known now; after a reset, those not listed any more are removed. */
  readonly known: () => Iterable<string>;
  readonly apply: (batch: Batch) => Promise<void>;
  /** Called when a round fails; it is tried again later, where it stopped. */
  readonly onError?: (error: unknown) => void;
  readonly retryMs?: readonly number[];
}

const PAGE_SIZE = 500;
const RETRY_MS = [1_000, 5_000, 30_000];

/**
 * Follows cordon.files by its revisions: whoever wakes it, it asks what
 * changed since the last one, until nothing did. A lost event costs nothing,
 * the next one brings all that came before; one round runs at a time.
 */
export class Follower {
  readonly #options: FollowOptions;
  #since: number | undefined;
  #stale: Set<string> | undefined;
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;
  #failures = 0;
  #isClosed = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: FollowOptions) {
    this.#options = options;
    options.signal.addEventListener("abort", () => this.close(), { once: true });
  }

  /** Ends it: no round is tried again. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  /** The last revision that was applied wholly. */
  get revision(): number | undefined {
    return this.#since;
  }

  /** Looks for changes without waiting. */
  wake(): void {
    this.sync().catch(() => {
      // Told to onError already, and tried again later.
    });
  }

  /** Settles once everything that had changed before this call is applied. */
  sync(): Promise<void> {
    if (!this.#running) return this.#running = this.#round().finally(() => this.#running = undefined);
    // The round under way may have asked already: one more has to follow it, shared by all who come now.
    return this.#next ??= this.#running.catch(() => {}).then(() => {
      this.#next = undefined;
      return this.sync();
    });
  }

  async #round(): Promise<void> {
    const { signal, onError, retryMs = RETRY_MS } = this.#options;
    clearTimeout(this.#timer);
    try {
      await this.#pull();
      this.#failures = 0;
    } catch (error) {
      if (signal.aborted) throw error;
      onError?.(error);
      const delay = retryMs[Math.min(this.#failures++, retryMs.length - 1)]!;
      if (!this.#isClosed) this.#timer = setTimeout(() => this.wake(), delay);
      throw error;
    }
  }

  async #pull(): Promise<void> {
    const { signal, known, apply } = this.#options;
    const files = await this.#options.files();
    for (let more = true; more;) {
      signal.throwIfAborted();
      const page = await files.changes(this.#since, PAGE_SIZE);
      if (page.reset) this.#stale = new Set(known());
      for (const { path } of page.changed) this.#stale?.delete(path);
      const removed = page.more ? page.removed : [...page.removed, ...this.#stale ?? []];
      const { changed, revision } = page;
      await apply({ changed, removed, revision, more: page.more, source: page });
      if (!page.more) this.#stale = undefined;
      this.#since = page.revision;
      more = page.more;
    }
  }
}

/** Does work on each item, several at a time; after a failure no more is begun, and it is thrown at the end. */
export async function each<T>(
  items: Iterable<T>,
  width: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const iterator = items[Symbol.iterator]();
  const failures: unknown[] = [];
  const worker = async () => {
    for (let next = iterator.next(); !next.done && failures.length === 0; next = iterator.next()) {
      try {
        await work(next.value);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: width }, worker));
  if (failures.length > 0) throw failures[0];
}
