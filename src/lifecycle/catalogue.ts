/**
 * Everything that can be read of plugins without running them; what has not
 * changed since it was last read is remembered.
 *
 * @module
 */

import type { Problem } from "../errors.ts";
import { hashText } from "../internal/hash.ts";
import { type CheckReport, checkSources, type PluginSource } from "../installer/prepare.ts";
import { type FolderReport, hashFiles, inspectFolder } from "../installer/plugin_folder.ts";
import type { ImportReport } from "../manifest/import_graph.ts";
import type { Manifest } from "../manifest/manifest.ts";
import type { MetadataCache } from "../store/metadata_cache.ts";
import { CORDON_VERSION } from "../internal/version.ts";
import { findPluginFolders, type FoundPlugin, readPlugin, refuseDuplicates } from "./discovery.ts";

/** Longest stamp kept as it is; hashing costs more than it saves on folders of a few files. */
const MAX_STAMP = 4_096;

/** A plugin's folder, read. */
export interface CatalogueEntry {
  /** Its manifest, or what is wrong with it. */
  readonly found: FoundPlugin;
  /** What checking its files and imports found; undefined where the manifest cannot be used. */
  readonly report: CheckReport | undefined;
}

/** What is remembered of a folder; nothing in it depends on where the folder is. */
interface Remembered {
  readonly manifest?: Manifest;
  readonly problems: readonly Problem[];
  readonly imports?: ImportReport;
}

/** A folder on its way into the catalogue. */
interface Reading {
  readonly dir: string;
  readonly folder: FolderReport | undefined;
  readonly stamp: string;
  readonly known: Remembered | undefined;
}

/** Reads every plugin folder beneath some folders; executes no code of theirs. */
export async function readCatalogue(
  dirs: readonly string[],
  options: { readonly metadata: MetadataCache; readonly workDir: string; readonly signal?: AbortSignal },
): Promise<CatalogueEntry[]> {
  const readings: Reading[] = [];
  for (const dir of await findPluginFolders(dirs)) readings.push(await look(dir, options.metadata));
  const found = refuseDuplicates(await Promise.all(readings.map(toFound)));
  const reports = await check(found, readings, options);
  await remember(readings, { found, reports, metadata: options.metadata });
  return found.map((plugin) => ({ found: plugin, report: reports.get(plugin) }));
}

async function look(dir: string, metadata: MetadataCache): Promise<Reading> {
  const folder = tryInspect(dir);
  // What is remembered was judged by this version of Cordon and of Deno.
  const text = `${CORDON_VERSION} ${Deno.version.deno}\n${folder?.stamp ?? ""}`;
  const stamp = text.length <= MAX_STAMP ? text : await hashText(text);
  const known = folder === undefined ? undefined : metadata.findByStamp(dir, stamp) as Remembered | undefined;
  return { dir, folder, stamp, known };
}

function tryInspect(dir: string): FolderReport | undefined {
  try {
    return inspectFolder(dir);
  } catch {
    // Checking meets the same obstacle and reports it.
    return undefined;
  }
}

async function toFound({ dir, known }: Reading): Promise<FoundPlugin> {
  if (known === undefined) return await readPlugin(dir);
  const { manifest, problems } = known;
  return { id: manifest?.id ?? dir.split(/[/\\]/).at(-1)!, dir, manifest, problems };
}

async function check(
  found: readonly FoundPlugin[],
  readings: readonly Reading[],
  options: { readonly workDir: string; readonly signal?: AbortSignal },
): Promise<Map<FoundPlugin, CheckReport>> {
  const usable = found.flatMap((plugin, index) => {
    if (plugin.manifest === undefined) return [];
    const { folder, known } = readings[index]!;
    const source: PluginSource = {
      dir: plugin.dir,
      main: plugin.manifest.main,
      folder,
      imports: known?.imports,
    };
    return [{ plugin, source }];
  });
  const reports = await checkSources(usable.map(({ source }) => source), options);
  return new Map(usable.map(({ plugin }, index) => [plugin, reports[index]!]));
}

async function remember(
  readings: readonly Reading[],
  { found, reports, metadata }: {
    found: readonly FoundPlugin[];
    reports: ReadonlyMap<FoundPlugin, CheckReport>;
    metadata: MetadataCache;
  },
): Promise<void> {
  const fresh: { dir: string; stamp: string; hash: string; found: Remembered }[] = [];
  for (const [index, { dir, folder, stamp, known }] of readings.entries()) {
    const { manifest, problems } = found[index]!;
    const imports = reports.get(found[index]!)?.imports;
    // A duplicate is refused for its neighbour's sake, and a folder with problems is looked at anew each time.
    if (known !== undefined || folder === undefined || manifest === undefined || imports === undefined) {
      continue;
    }
    const hash = await hashFiles(dir, folder.files);
    fresh.push({ dir, stamp, hash, found: { manifest, problems, imports } });
  }
  if (fresh.length > 0) metadata.batch(() => fresh.forEach(({ dir, ...entry }) => metadata.put(dir, entry)));
}
