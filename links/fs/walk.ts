import { basename, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

/** Options of {@linkcode walk}. */
export interface WalkOptions {
  /** How many levels to descend. */
  maxDepth?: number;
  /** Whether to yield files. */
  includeFiles?: boolean;
  /** Whether to yield directories. */
  includeDirs?: boolean;
  /** Whether to yield symbolic links, if they are not followed. */
  includeSymlinks?: boolean;
  /** Whether to follow symbolic links. */
  followSymlinks?: boolean;
  /** Whether a followed link yields the path of its target. */
  canonicalize?: boolean;
  /** Only paths that end with one of these extensions. */
  exts?: string[];
  /** Only paths that match one of these patterns. */
  match?: RegExp[];
  /** No paths that match one of these patterns, nor what is below them. */
  skip?: RegExp[];
}

/** An entry that {@linkcode walk} found. */
export interface WalkEntry extends Deno.DirEntry {
  /** Full path of the entry. */
  path: string;
}

/** Walks a file tree, a directory before what it holds. */
export async function* walk(
  root: string | URL,
  options: WalkOptions = {},
): AsyncIterableIterator<WalkEntry> {
  const { maxDepth = Infinity, includeDirs = true } = options;
  const path = root instanceof URL ? fileURLToPath(root) : root;
  if (maxDepth < 0) return;
  if (includeDirs && isWanted(path, options)) {
    const { isFile, isDirectory, isSymlink } = await Deno.stat(path);
    const normal = normalize(path);
    yield { path: normal, name: basename(normal), isFile, isDirectory, isSymlink };
  }
  if (maxDepth < 1 || options.skip?.some((pattern) => path.match(pattern))) return;
  for await (const entry of Deno.readDir(path)) {
    yield* walkEntry(entry, join(path, entry.name), { ...options, maxDepth: maxDepth - 1 });
  }
}

async function* walkEntry(
  entry: Deno.DirEntry,
  entryPath: string,
  options: WalkOptions,
): AsyncIterableIterator<WalkEntry> {
  const { includeFiles = true, includeSymlinks = true, followSymlinks = false, canonicalize = true } =
    options;
  let path = entryPath;
  let isDirectory = entry.isDirectory;
  if (entry.isSymlink && !followSymlinks) {
    if (includeSymlinks && isWanted(path, options)) yield { path, ...entry };
    return;
  }
  if (entry.isSymlink) {
    const target = await Deno.realPath(path);
    if (canonicalize) path = target;
    isDirectory = (await Deno.stat(target)).isDirectory;
  }
  if (isDirectory) yield* walk(path, options);
  else if (includeFiles && isWanted(path, options)) yield { path, ...entry };
}

function isWanted(path: string, { exts, match, skip }: WalkOptions): boolean {
  if (exts && !exts.some((ext) => path.endsWith(ext.startsWith(".") ? ext : `.${ext}`))) return false;
  if (match && !match.some((pattern) => path.match(pattern))) return false;
  return !skip?.some((pattern) => path.match(pattern));
}
