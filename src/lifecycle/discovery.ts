/**
 * Finds plugins: folders with a `plugin.toml` or `plugin.json`.
 *
 * @module
 */

import { resolve } from "node:path";
import { CordonError, errorMessage, InvalidPluginError, type Problem } from "../errors.ts";
import type { Manifest } from "../manifest/manifest.ts";
import { MAX_MANIFEST_BYTES } from "../manifest/limits.ts";

/** Names of a manifest; a folder has one of them. */
export const MANIFEST_FILES = ["plugin.toml", "plugin.json"] as const;

const MAX_DEPTH = 6;
const SKIPPED = new Set(["node_modules", "coverage"]);

/** A folder with a manifest, readable or not. */
export interface FoundPlugin {
  /** Id from the manifest, or the folder's name where that cannot be read. */
  readonly id: string;
  /** Real path of the folder. */
  readonly dir: string;
  /** The manifest, when it is valid. */
  readonly manifest: Manifest | undefined;
  /** What is wrong with it. */
  readonly problems: readonly Problem[];
  /** Hash of its files; undefined where they cannot be read, or were not. */
  readonly content?: string;
}

/**
 * Scans folders for plugins; a folder may be a plugin itself or hold some, at
 * any depth. Links are not followed.
 *
 * @throws {CordonError} `not_found` if a folder is not there or is none.
 */
export async function findPluginFolders(dirs: readonly string[]): Promise<string[]> {
  const folders = new Set<string>();
  for (const dir of dirs) for (const folder of listFolders(await openFolder(dir), 0)) folders.add(folder);
  return [...folders].sort();
}

async function openFolder(dir: string): Promise<string> {
  try {
    const real = await Deno.realPath(dir);
    if ((await Deno.stat(real)).isDirectory) return real;
  } catch (cause) {
    throw new CordonError(
      "not_found",
      `Cannot read the plugin folder "${resolve(dir)}": ${describe(cause)}`,
      {
        hint: "Name an existing folder, as in: cordon run ./plugins",
        cause,
      },
    );
  }
  throw new CordonError("not_found", `Cannot read the plugin folder "${resolve(dir)}": it is a file`, {
    hint: "Name the folder that holds plugin.toml, or one around it",
  });
}

function* listFolders(dir: string, depth: number): Generator<string> {
  const entries = tryReadDir(dir);
  // Reading it as a plugin meets the same obstacle and reports it; the others are found.
  if (entries === undefined) return yield dir;
  if (entries.some(({ name }) => MANIFEST_FILES.includes(name as typeof MANIFEST_FILES[number]))) {
    yield dir;
    return;
  }
  if (depth >= MAX_DEPTH) return;
  for (const { name, isDirectory } of entries) {
    if (isDirectory && !name.startsWith(".") && !SKIPPED.has(name)) {
      yield* listFolders(`${dir}/${name}`, depth + 1);
    }
  }
}

function tryReadDir(dir: string): Deno.DirEntry[] | undefined {
  try {
    return [...Deno.readDirSync(dir)];
  } catch {
    // Whoever asked reports the folder.
    return undefined;
  }
}

/** Reads the manifest of a folder that has one. */
export async function readPlugin(dir: string): Promise<FoundPlugin> {
  const broken = (problems: readonly Problem[]): FoundPlugin => ({
    id: dir.split(/[/\\]/).at(-1)!,
    dir,
    manifest: undefined,
    problems,
  });
  let file: string = MANIFEST_FILES[0];
  try {
    const names = (await Array.fromAsync(Deno.readDir(dir))).map(({ name }) => name);
    const manifests = MANIFEST_FILES.filter((name) => names.includes(name));
    if (manifests.length > 1) {
      return broken([{ message: "holds both plugin.toml and plugin.json: keep one" }]);
    }
    file = manifests[0] ?? file;
    const path = `${dir}/${file}`;
    const info = await Deno.lstat(path);
    if (!info.isFile) return broken([{ file, message: "is no plain file" }]);
    if (info.size > MAX_MANIFEST_BYTES) {
      return broken([{
        file,
        message: `is larger than ${MAX_MANIFEST_BYTES / 1024} KiB: a manifest holds metadata only`,
      }]);
    }
    const text = new TextDecoder("utf-8", { fatal: true }).decode(await Deno.readFile(path));
    // The model is large, and a catalogue that remembers every folder does not need it.
    const { parseManifest } = await import("../manifest/parse.ts");
    const manifest = parseManifest(text, path);
    return { id: manifest.id, dir, manifest, problems: [] };
  } catch (error) {
    if (error instanceof InvalidPluginError) return broken(error.problems);
    if (error instanceof TypeError) return broken([{ file, message: "is not UTF-8 text" }]);
    return broken([{ file, message: `cannot be read: ${describe(error)}` }]);
  }
}

/** Two plugins with one id: none of them runs, since nobody can tell which was meant. */
export function refuseDuplicates(found: readonly FoundPlugin[]): FoundPlugin[] {
  const byId = Map.groupBy(found.filter(({ manifest }) => manifest !== undefined), ({ id }) => id);
  return found.map((plugin) => {
    const others = (byId.get(plugin.id) ?? []).filter((other) => other !== plugin);
    if (plugin.manifest === undefined || others.length === 0) return plugin;
    const places = others.map(({ dir }) => `"${dir}"`).join(", ");
    return {
      ...plugin,
      manifest: undefined,
      problems: [{
        path: "plugin.id",
        message: `"${plugin.id}" is also the id of ${places}: rename or remove one`,
      }],
    };
  });
}

function describe(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "it does not exist";
  if (error instanceof Deno.errors.PermissionDenied) return "this user may not read it";
  return errorMessage(error);
}
