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
}

/** Lists a plugin's folder without following anything out of it. */
export async function inspectFolder(dir: string): Promise<FolderReport> {
  const files: string[] = [];
  const problems: Problem[] = [];
  let bytes = 0;
  const visit = async (inside: string): Promise<void> => {
    for await (const entry of Deno.readDir(inside === "" ? dir : `${dir}/${inside}`)) {
      const file = inside === "" ? entry.name : `${inside}/${entry.name}`;
      if (files.length >= MAX_FILES || bytes > MAX_BYTES || problems.length >= MAX_PROBLEMS) return;
      if (!entry.name.isWellFormed() || /\p{Cc}/u.test(entry.name)) {
        problems.push({
          file: JSON.stringify(file),
          message: "has a name with control characters or broken Unicode",
        });
        continue;
      }
      const info = await Deno.lstat(`${dir}/${file}`);
      if (info.isSymlink) {
        problems.push({ file, message: "is a symbolic link: plugins ship plain files only" });
      } else if (info.isDirectory) {
        await visit(file);
      } else if (info.isFile && info.nlink !== null && info.nlink > 1) {
        problems.push({
          file,
          message: "is a hard link, which another name outside may change: copy it instead",
        });
      } else if (file === ".git" || file.startsWith(".git/")) {
        // The history is no part of the plugin, but as readable to it as the rest: links in it lead out too.
        continue;
      } else if (!info.isFile) {
        problems.push({ file, message: "is a device, pipe or socket: plugins ship plain files only" });
      } else {
        files.push(file);
        bytes += info.size;
      }
    }
  };
  await visit("");
  if (files.length >= MAX_FILES) problems.push({ message: `holds more than ${MAX_FILES} files` });
  if (bytes > MAX_BYTES) problems.push({ message: `holds more than ${MAX_BYTES / 1024 / 1024} MiB` });
  return { files: files.sort(), problems };
}

/** A hash over the names and contents of files. */
export async function hashFiles(dir: string, files: readonly string[]): Promise<string> {
  const lines: string[] = [];
  for (const file of files) lines.push(`${await hashBytes(await Deno.readFile(`${dir}/${file}`))} ${file}`);
  return await hashText(lines.join("\n"));
}
