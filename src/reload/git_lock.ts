/**
 * Whether git is changing the files of a folder just now: it holds a lock
 * from before the first file of a checkout until after the last.
 *
 * @module
 */

import { dirname, resolve } from "node:path";

/** A lock older than this was left behind by a git that was killed. */
const MAX_AGE_MS = 10_000;

/** The locks of the work trees that hold some folders. */
export async function findGitLocks(dirs: readonly string[]): Promise<string[]> {
  const found = await Promise.all(dirs.map(findGitLock));
  return [...new Set(found.filter((lock) => lock !== undefined))];
}

/** Whether one of these locks is held. */
export async function isGitBusy(locks: readonly string[]): Promise<boolean> {
  const times = await Promise.all(locks.map(tryReadTime));
  return times.some((time) => time !== undefined && Date.now() - time < MAX_AGE_MS);
}

async function findGitLock(dir: string): Promise<string | undefined> {
  for (let folder = dir;; folder = dirname(folder)) {
    try {
      const git = `${folder}/.git`;
      if ((await Deno.stat(git)).isDirectory) return `${git}/index.lock`;
      // A second work tree of a repository has a file there, which says where the rest is.
      const target = /^gitdir: (.+)$/m.exec(await Deno.readTextFile(git))?.[1];
      return target === undefined ? undefined : `${resolve(folder, target)}/index.lock`;
    } catch {
      // No work tree begins here, or none that can be read: the next folder up may.
      if (dirname(folder) === folder) return undefined;
    }
  }
}

async function tryReadTime(lock: string): Promise<number | undefined> {
  try {
    return (await Deno.stat(lock)).mtime?.getTime();
  } catch {
    // Nobody holds it.
    return undefined;
  }
}
