/**
 * The files of a plugin's folder, and what in it forbids running it: links,
 * special files, names that cannot be carried.
 *
 * @module
 */

import type { Problem } from "../errors.ts";
import { hashBytes, hashText } from "../internal/hash.ts";

const MAX_FILES = 20_000;
const MAX_BYTES = 256 * 1024 * 1024;
const MAX_PROBLEMS = 100;

/** What stands in a folder. */
export interface FolderReport {
  /** Paths of its files, relative, with `/`, sorted. */
  readonly files: readonly string[];
  /** Everything that forbids running it. */
  readonly problems: readonly Problem[];
  /** Of each file what changes whenever it does: size, times of change and inode. */
  readonly stamps: ReadonlyMap<string, string>;
}

/** Lists a plugin's folder without following anything out of it. */
export function inspectFolder(dir: string): FolderReport {
  const inspection = new Inspection(dir);
  inspection.visit("");
  return inspection.report();
}

class Inspection {
  readonly #dir: string;
  readonly #files: string[] = [];
  readonly #stamps = new Map<string, string>();
  readonly #problems: Problem[] = [];
  #bytes = 0;

  constructor(dir: string) {
    this.#dir = dir;
  }

  visit(inside: string): void {
    for (const { name } of Deno.readDirSync(inside === "" ? this.#dir : `${this.#dir}/${inside}`)) {
      if (this.#isFull()) return;
      const file = inside === "" ? name : `${inside}/${name}`;
      if (name.isWellFormed() && !/\p{Cc}/u.test(name)) this.#look(file);
      else this.#refuse(JSON.stringify(file), "has a name with control characters or broken Unicode");
    }
  }

  report(): FolderReport {
    if (this.#files.length >= MAX_FILES) {
      this.#problems.push({ message: `holds more than ${MAX_FILES} files` });
    }
    if (this.#bytes > MAX_BYTES) {
      this.#problems.push({ message: `holds more than ${MAX_BYTES / 1024 / 1024} MiB` });
    }
    return { files: this.#files.sort(), problems: this.#problems, stamps: this.#stamps };
  }

  #isFull(): boolean {
    return this.#files.length >= MAX_FILES || this.#bytes > MAX_BYTES ||
      this.#problems.length >= MAX_PROBLEMS;
  }

  #look(file: string): void {
    const info = Deno.lstatSync(`${this.#dir}/${file}`);
    if (info.isSymlink && this.#isEditorLock(file)) return;
    if (info.isSymlink) return this.#refuse(file, "is a symbolic link: plugins ship plain files only");
    if (info.isDirectory) return this.visit(file);
    if (info.isFile && info.nlink !== null && info.nlink > 1) {
      return this.#refuse(file, "is a hard link, which another name outside may change: copy it instead");
    }
    // The history is no part of the plugin, but as readable to it as the rest: links in it lead out too.
    if (file === ".git" || file.startsWith(".git/")) return;
    if (!info.isFile) {
      return this.#refuse(file, "is a device, pipe or socket: plugins ship plain files only");
    }
    this.#files.push(file);
    this.#bytes += info.size;
    this.#stamps.set(file, [info.size, info.mtime?.getTime(), info.ctime?.getTime(), info.ino].join(" "));
  }

  /** Emacs marks a file that has unsaved changes by a link to nowhere, which names no other folder. */
  #isEditorLock(file: string): boolean {
    return /(?:^|\/)\.#[^/]+$/.test(file) &&
      /^[^/\\]+@[^/\\]+\.\d+(?::\d+)?$/.test(Deno.readLinkSync(`${this.#dir}/${file}`));
  }

  #refuse(file: string, message: string): void {
    this.#problems.push({ file, message });
  }
}

/** A hash over the names and contents of files. */
export async function hashFiles(dir: string, files: readonly string[]): Promise<string> {
  return await hashContents(await hashEach(dir, files));
}

/** The hash of each file's content. */
export async function hashEach(
  dir: string,
  files: readonly string[],
  /** Hashes that are known already. */
  known: ReadonlyMap<string, string> = new Map(),
): Promise<Map<string, string>> {
  const hashes = new Map<string, string>();
  for (const file of files) {
    hashes.set(file, known.get(file) ?? await hashBytes(await Deno.readFile(`${dir}/${file}`)));
  }
  return hashes;
}

/** One hash over the names and hashes of files. */
export function hashContents(hashes: ReadonlyMap<string, string>): Promise<string> {
  return hashText([...hashes].map(([file, hash]) => `${hash} ${file}`).join("\n"));
}
