import { hashText } from "./hash.ts";

/** The output folder as a whole cannot be written: nothing more can be done until somebody acts. */
export class OutputError extends Error {
  override readonly name = "OutputError";
}

/** A folder with a file of this name is a site, and cordon.files leaves it out. */
export const SITE_MARKER = ".cordon-site";

const MARKER_TEXT = "This folder is written by cordon.site. What it wrote it may replace and remove.\n";
// What concerns the disk or the folder, and therefore every file in it.
const GENERAL = new Set(["ENOSPC", "EDQUOT", "EROFS", "EIO", "EMFILE", "ENFILE", "EACCES", "EPERM"]);

/**
 * A folder that is only written to. It keeps hashes of what it wrote, so that
 * equal content is not written again, and removes nothing but its own files.
 *
 * Deno's `rename` needs permission to read, so a file is not replaced at once:
 * it is overwritten in place and cut to its length last, and never empty.
 */
export class Output {
  readonly path: string;
  /** Whether the folder was no site before: then files in it are somebody else's. */
  readonly isNew: boolean;
  readonly #written = new Map<string, string | number>();
  readonly #folders = new Map<string, { readonly isOurs: boolean }>();

  private constructor(path: string, isNew: boolean) {
    this.path = path;
    this.isNew = isNew;
  }

  /**
   * Opens the folder, and marks it as a site.
   *
   * @throws {OutputError} when it cannot be written.
   */
  static async open(path: string | undefined): Promise<Output> {
    if (!path) throw new OutputError("Cannot write output folder: no folder is named; pass --var output=DIR");
    try {
      await Deno.mkdir(path, { recursive: true });
    } catch (error) {
      throw folderError(path, error);
    }
    try {
      using marker = await Deno.open(`${path}/${SITE_MARKER}`, { write: true, createNew: true });
      await writeAll(marker, new TextEncoder().encode(MARKER_TEXT));
      return new Output(path, true);
    } catch (error) {
      if (error instanceof Deno.errors.AlreadyExists) return new Output(path, false);
      throw folderError(path, error);
    }
  }

  /** Paths written since the start. */
  paths(): Iterable<string> {
    return this.#written.keys();
  }

  /** Forgets what files hold, so that each is written again. */
  forget(): void {
    for (const path of this.#written.keys()) this.#written.set(path, "");
  }

  /** Writes a file, unless it holds this already; returns whether it wrote. */
  async write(path: string, text: string): Promise<boolean> {
    const hash = hashText(text);
    if (this.#written.get(path) === hash) return false;
    await this.#write(path, hash, async function* () {
      yield new TextEncoder().encode(text);
    });
    return true;
  }

  /** Writes a file from pieces, unless this content was written already; returns whether it wrote. */
  async copy(path: string, hash: string, pieces: () => AsyncIterable<Uint8Array>): Promise<boolean> {
    if (this.#written.get(path) === hash) return false;
    await this.#write(path, hash, pieces);
    return true;
  }

  /** Removes a file that was written before, and the folders made for it that are empty now. */
  async remove(path: string): Promise<boolean> {
    if (!this.#written.delete(path)) return false;
    try {
      await Deno.remove(this.#at(path));
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
    for (let folder = parentOf(path); this.#folders.get(folder)?.isOurs; folder = parentOf(folder)) {
      try {
        await Deno.remove(`${this.path}/${folder}`);
      } catch {
        break; // not empty: it goes with the last file in it
      }
      this.#folders.delete(folder);
    }
    return true;
  }

  /** Takes back everything, marker included, as if the folder had never been opened. */
  async undo(): Promise<void> {
    for (const path of [...this.#written.keys()]) await this.remove(path);
    if (this.isNew) await Deno.remove(`${this.path}/${SITE_MARKER}`).catch(() => {}); // gone already is as good
  }

  async #write(path: string, hash: string | number, pieces: () => AsyncIterable<Uint8Array>): Promise<void> {
    try {
      await this.#writeFile(path, hash, pieces);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw this.#translate(path, error);
      // Somebody removed the folder, or part of it: it is made anew, with all that is written from now on.
      this.#folders.clear();
      await Output.open(this.path);
      await this.#writeFile(path, hash, pieces).catch((cause) => {
        throw this.#translate(path, cause);
      });
    }
  }

  async #writeFile(
    path: string,
    hash: string | number,
    pieces: () => AsyncIterable<Uint8Array>,
  ): Promise<void> {
    const absolute = this.#at(path);
    const isKnown = this.#written.has(path);
    await this.#makeFolder(parentOf(path));
    using file = await Deno.open(absolute, { write: true, create: true, createNew: this.isNew && !isKnown });
    // From here on the file is ours, also when writing it fails half-way.
    this.#written.set(path, "");
    let length = 0;
    for await (const piece of pieces()) {
      await writeAll(file, piece);
      length += piece.length;
    }
    await file.truncate(length);
    this.#written.set(path, hash);
  }

  async #makeFolder(folder: string): Promise<void> {
    if (folder === "" || this.#folders.has(folder)) return;
    await this.#makeFolder(parentOf(folder));
    try {
      await Deno.mkdir(`${this.path}/${folder}`);
      this.#folders.set(folder, { isOurs: true });
    } catch (error) {
      if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
      if (!this.#folders.has(folder)) this.#folders.set(folder, { isOurs: false });
    }
  }

  #translate(path: string, error: unknown): unknown {
    if (error instanceof OutputError) return error;
    if (error instanceof Deno.errors.AlreadyExists) {
      return new OutputError(
        `Cannot write output folder "${this.path}": it holds "${path}", which cordon.site did not write; ` +
          "choose an empty folder with --var output=DIR",
        { cause: error },
      );
    }
    return GENERAL.has(codeOf(error)) ? folderError(this.path, error) : error;
  }

  #at(path: string): string {
    const isSafe = path.split("/").every((name) =>
      name !== "" && name !== "." && name !== ".." && !/[\\\0]/.test(name)
    );
    if (!isSafe) throw new RangeError(`Cannot write "${path}": it is no path within the output folder`);
    return `${this.path}/${path}`;
  }
}

function folderError(path: string, error: unknown): OutputError {
  const code = codeOf(error);
  const message = error instanceof Error ? error.message : String(error);
  const [reason, cure] = code === "ENOSPC" || code === "EDQUOT"
    ? ["the disk is full", "make room, or choose another folder with --var output=DIR"]
    : error instanceof Deno.errors.PermissionDenied || code === "EROFS"
    ? ["permission denied", "choose a folder that may be written, with --var output=DIR"]
    : error instanceof Deno.errors.NotCapable
    ? ["it is not granted, or not a place for files", "choose another folder with --var output=DIR"]
    : error instanceof Deno.errors.AlreadyExists || error instanceof Deno.errors.NotADirectory
    ? ["it is a file", "choose a folder with --var output=DIR"]
    : [message, "choose another folder with --var output=DIR"];
  return new OutputError(`Cannot write output folder "${path}": ${reason}; ${cure}`, { cause: error });
}

function codeOf(error: unknown): string {
  return String((error as { code?: unknown } | null)?.code ?? "");
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

async function writeAll(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length;) written += await file.write(bytes.subarray(written));
}
