/**
 * Puts what is embedded where Deno can run it: files named by their content,
 * read-only, verified before each use of a data folder.
 *
 * @module
 */

import { ensureDir } from "@std/fs";
import { CordonError } from "../errors.ts";
import { hashText } from "../internal/hash.ts";
import { BOOTSTRAP_SOURCE } from "./bootstrap_source.ts";
import { LAUNCHER_SOURCE } from "./launcher_source.ts";

/**
 * Writes the bootstrap of processes, unless it is there.
 *
 * @param dir Folder for it, which no plugin can write to.
 * @returns Its path.
 * @throws {CordonError} `bootstrap_changed` if the file there is not what it should be and cannot be replaced.
 */
export function writeBootstrap(dir: string): Promise<string> {
  return writeOnce(dir, BOOTSTRAP_SOURCE);
}

/** Writes the launcher, as {@linkcode writeBootstrap}. */
export function writeLauncher(dir: string): Promise<string> {
  return writeOnce(dir, LAUNCHER_SOURCE);
}

async function writeOnce(dir: string, source: string): Promise<string> {
  const path = `${dir}/${(await hashText(source)).slice(0, 32)}.js`;
  if (await readIfThere(path) === source) return path;
  await ensureDir(dir);
  const temporary = `${path}.${crypto.randomUUID()}`;
  await Deno.writeTextFile(temporary, source, { createNew: true, mode: 0o400 });
  await Deno.rename(temporary, path);
  if (await readIfThere(path) !== source) {
    throw new CordonError(
      "bootstrap_changed",
      `Cannot start plugins: "${path}" is not what was written to it`,
    );
  }
  return path;
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
