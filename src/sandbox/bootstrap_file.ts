/**
 * Puts the embedded bootstrap where Deno can run it: a file named by its
 * content, read-only, verified before each use of a data folder.
 *
 * @module
 */

import { ensureDir } from "@std/fs";
import { CordonError } from "../errors.ts";
import { hashText } from "../internal/hash.ts";
import { BOOTSTRAP_SOURCE } from "./bootstrap_source.ts";

/**
 * Writes the bootstrap, unless it is there.
 *
 * @param dir Folder for it, which no plugin can write to.
 * @returns Its path.
 * @throws {CordonError} `bootstrap_changed` if the file there is not what it should be and cannot be replaced.
 */
export async function writeBootstrap(dir: string): Promise<string> {
  const path = `${dir}/${(await hashText(BOOTSTRAP_SOURCE)).slice(0, 32)}.js`;
  if (await readIfThere(path) === BOOTSTRAP_SOURCE) return path;
  await ensureDir(dir);
  const temporary = `${path}.${crypto.randomUUID()}`;
  await Deno.writeTextFile(temporary, BOOTSTRAP_SOURCE, { createNew: true, mode: 0o400 });
  await Deno.rename(temporary, path);
  if (await readIfThere(path) !== BOOTSTRAP_SOURCE) {
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
