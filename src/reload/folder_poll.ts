/**
 * Finds changes where nobody tells of them: looks at the plugins beneath a
 * folder again and again, and compares names, sizes and times.
 *
 * @module
 */

import { findPluginFolders } from "../lifecycle/discovery.ts";
import { hashText } from "../internal/hash.ts";
import { pause } from "../internal/pause.ts";
import { isIgnoredName } from "./ignored_names.ts";

/** Looking may take this share of the time. */
const MAX_SHARE = 0.05;
/** As many files of a plugin are looked at; one with more cannot run. */
const MAX_FILES = 20_000;

/** What a look found different from the one before. */
export interface PolledChange {
  /** Plugin folders in which something changed, that came or went. */
  readonly dirs: readonly string[];
  /** Whether one of them came or went. */
  readonly hasMoved: boolean;
}

/** How a folder is looked at. */
export interface FolderPollOptions {
  /** Shortest time between two looks. */
  readonly intervalMs: number;
  /** Ends the looking. */
  readonly signal: AbortSignal;
  /** Told when changes are found from then on. */
  readonly onStart: () => void;
}

/**
 * What changed beneath a folder, from now on.
 *
 * @throws If the folder cannot be read any more.
 */
export async function* pollFolder(
  root: string,
  { intervalMs, signal, onStart }: FolderPollOptions,
): AsyncGenerator<PolledChange> {
  let before = await takeStamps(root, signal);
  let tookMs = 0;
  onStart();
  while (!signal.aborted) {
    await pause(Math.max(intervalMs, tookMs / MAX_SHARE), signal);
    if (signal.aborted) return;
    const began = performance.now();
    const after = await takeStamps(root, signal);
    tookMs = performance.now() - began;
    if (signal.aborted) return;
    const change = compare(before, after);
    before = after;
    if (change.dirs.length > 0) yield change;
  }
}

async function takeStamps(root: string, signal: AbortSignal): Promise<Map<string, string>> {
  const stamps = new Map<string, string>();
  for (const dir of await findPluginFolders([root])) {
    if (signal.aborted) break;
    stamps.set(dir, await takeStamp(dir, signal));
  }
  return stamps;
}

/** One file after the other, and never blocking: a network may take its time. */
async function takeStamp(dir: string, signal: AbortSignal): Promise<string> {
  const lines: string[] = [];
  const open = [dir];
  for (let folder = open.pop(); folder !== undefined && !signal.aborted; folder = open.pop()) {
    for (const { name, isDirectory } of await tryReadDir(folder)) {
      const path = `${folder}/${name}`;
      if (isIgnoredName(name) || lines.length >= MAX_FILES || signal.aborted) continue;
      if (isDirectory) open.push(path);
      else lines.push(`${path} ${await tryStamp(path)}`);
    }
  }
  return await hashText(lines.sort().join("\n"));
}

async function tryReadDir(dir: string): Promise<Deno.DirEntry[]> {
  try {
    return await Array.fromAsync(Deno.readDir(dir));
  } catch {
    // It went while it was looked at; the next look says so.
    return [];
  }
}

async function tryStamp(path: string): Promise<string> {
  try {
    const { size, mtime, ino } = await Deno.lstat(path);
    return `${size} ${mtime?.getTime()} ${ino}`;
  } catch {
    // It went while it was looked at; the next look says so.
    return "";
  }
}

function compare(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): PolledChange {
  const dirs = [...new Set([...before.keys(), ...after.keys()])];
  return {
    dirs: dirs.filter((dir) => before.get(dir) !== after.get(dir)),
    hasMoved: dirs.some((dir) => !before.has(dir) || !after.has(dir)),
  };
}
