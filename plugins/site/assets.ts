import { each } from "./follow.ts";
import type { Files } from "./follow.ts";
import { OutputError } from "./output.ts";
import type { Output } from "./output.ts";

/** What copying works with. */
export interface AssetsOptions {
  readonly output: Output;
  readonly signal: AbortSignal;
  readonly onSkipped: (path: string, reason: string) => void;
}

const WIDTH = 3;
const CHUNK_BYTES = 4 * 1024 * 1024;

/** Copies the files that pages refer to, a piece at a time. */
export class Assets {
  readonly #options: AssetsOptions;
  readonly #hashes = new Map<string, string>();
  readonly #dirty = new Set<string>();
  readonly #problems = new Map<string, string>();

  constructor(options: AssetsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#hashes.size;
  }

  /** What could not be copied. */
  get problems(): { path: string; reason: string }[] {
    return Array.from(this.#problems, ([path, reason]) => ({ path, reason }));
  }

  paths(): Iterable<string> {
    return this.#hashes.keys();
  }

  /** Takes in a file to be copied; returns whether it is a new one. */
  set(path: string, hash: string): boolean {
    const known = this.#hashes.get(path);
    if (known === hash) return false;
    this.#hashes.set(path, hash);
    this.#dirty.add(path);
    return known === undefined;
  }

  /** Leaves a file out. */
  refuse(path: string, reason: string): void {
    this.#problems.set(path, reason);
  }

  /** Forgets a file; returns whether it was one to be copied. */
  remove(path: string): boolean {
    this.#dirty.delete(path);
    this.#problems.delete(path);
    return this.#hashes.delete(path);
  }

  /** Marks everything to be copied again. */
  forget(): void {
    for (const path of this.#hashes.keys()) this.#dirty.add(path);
  }

  /** Copies what is new or changed; returns how many files. */
  async copy(files: Pick<Files, "readBytes">): Promise<number> {
    let copied = 0;
    await each([...this.#dirty], WIDTH, async (path) => {
      if (await this.#copyFile(path, files)) copied++;
    });
    return copied;
  }

  async #copyFile(path: string, files: Pick<Files, "readBytes">): Promise<boolean> {
    const { output, signal, onSkipped } = this.#options;
    signal.throwIfAborted();
    try {
      const isWritten = await output.copy(
        path,
        this.#hashes.get(path) ?? "",
        () => readPieces(files, path, signal),
      );
      this.#problems.delete(path);
      this.#dirty.delete(path);
      return isWritten;
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof OutputError || isUnavailable(error)) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      this.#dirty.delete(path);
      this.#problems.set(path, reason);
      onSkipped(path, reason);
      return false;
    }
  }
}

async function* readPieces(
  files: Pick<Files, "readBytes">,
  path: string,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  for (let offset = 0;;) {
    const bytes = await files.readBytes(path, offset, CHUNK_BYTES);
    if (bytes.length > 0) yield bytes;
    if (bytes.length < CHUNK_BYTES) return;
    offset += bytes.length;
    signal.throwIfAborted();
  }
}

function isUnavailable(error: unknown): boolean {
  return (error as { code?: unknown } | null)?.code === "capability_unavailable";
}
