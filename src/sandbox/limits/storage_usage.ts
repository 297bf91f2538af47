/**
 * How much some folders hold: walked again only after something was written.
 *
 * @module
 */

/** Looks again after this long even where nobody was seen to write. */
const RELOOK_MS = 30_000;

/** A look that took long is not soon taken again: at most this share of the time is spent looking. */
const MAX_SHARE = 1 / 20;

/** What was found in folders. */
export interface StorageFigure {
  /** Bytes that their files take on disk. */
  readonly bytes: number;
  /** Size of the largest file. */
  readonly largestBytes: number;
}

/** Keeps an eye on what folders hold. */
export class StorageUsage {
  readonly #dirs: readonly string[];
  #last: StorageFigure = { bytes: 0, largestBytes: 0 };
  #lookedAt = -Infinity;
  #tookMs = 0;
  #writtenBytes: number | undefined;
  #isLooking = false;

  /** @param dirs The folders. */
  constructor(dirs: readonly string[]) {
    this.#dirs = dirs;
  }

  /** What was found last. */
  get figure(): StorageFigure {
    return this.#last;
  }

  /**
   * Has the folders walked, if `writtenBytes` moved since or it was long ago.
   *
   * @param now The time in milliseconds.
   * @returns When that is done; undefined when there is nothing to do.
   */
  refresh(writtenBytes: number | undefined, now: number): Promise<void> | undefined {
    const hasWritten = writtenBytes === undefined || writtenBytes !== this.#writtenBytes;
    const waitMs = hasWritten ? this.#tookMs / MAX_SHARE : RELOOK_MS;
    if (this.#isLooking || now - this.#lookedAt < waitMs) return undefined;
    this.#isLooking = true;
    this.#writtenBytes = writtenBytes;
    this.#lookedAt = now;
    return this.#look().finally(() => (this.#isLooking = false));
  }

  async #look(): Promise<void> {
    const startedAt = performance.now();
    const figures = await Promise.all(this.#dirs.map(measureFolder));
    this.#last = figures.reduce(
      (sum, { bytes, largestBytes }) => ({
        bytes: sum.bytes + bytes,
        largestBytes: Math.max(sum.largestBytes, largestBytes),
      }),
    );
    this.#tookMs = performance.now() - startedAt;
  }
}

/** Measures a folder, its links not followed. Files that go meanwhile count nothing. */
export async function measureFolder(dir: string): Promise<StorageFigure> {
  let bytes = 0;
  let largestBytes = 0;
  const pending = [dir];
  for (let at = 0; at < pending.length; at++) {
    for (const { name, isDirectory, isFile } of await listFolder(pending[at]!)) {
      const path = `${pending[at]}/${name}`;
      if (isDirectory) pending.push(path);
      if (!isFile) continue;
      try {
        const { size, blocks } = await Deno.lstat(path);
        // A sparse file takes less than its size, and many small files take more.
        bytes += blocks === null ? size : blocks * 512;
        largestBytes = Math.max(largestBytes, size);
      } catch {
        // Removed while we looked.
      }
    }
  }
  return { bytes, largestBytes };
}

/** A folder that its plugin closed to us is opened again: what it holds counts. */
async function listFolder(dir: string): Promise<Deno.DirEntry[]> {
  try {
    return await Array.fromAsync(Deno.readDir(dir));
  } catch (error) {
    if (!(error instanceof Deno.errors.PermissionDenied)) return [];
  }
  try {
    await Deno.chmod(dir, 0o700);
    return await Array.fromAsync(Deno.readDir(dir));
  } catch {
    // Removed while we looked, or another user's, which no plugin can write.
    return [];
  }
}
