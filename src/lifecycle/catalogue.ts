/**
 * Everything that can be read of plugins without running them; what has not
 * changed since it was last read is remembered.
 *
 * @module
 */

import type { Problem } from "../errors.ts";
import { hashText } from "../internal/hash.ts";
import { type ContractReport, listContracts } from "../installer/contract_reader.ts";
import { type CheckReport, checkSources, type PluginSource } from "../installer/prepare.ts";
import { type FolderReport, hashFiles, inspectFolder } from "../installer/plugin_folder.ts";
import type { ImportReport } from "../manifest/import_graph.ts";
import type { Manifest } from "../manifest/manifest.ts";
import type { MetadataCache } from "../store/metadata_cache.ts";
import { CORDON_VERSION } from "../internal/version.ts";
import type { Registry } from "./registry.ts";
import type { RolledBack } from "./versions/rolled_back.ts";
import { findPluginFolders, type FoundPlugin, readPlugin, refuseDuplicates } from "./discovery.ts";

/** Longest stamp kept as it is; hashing costs more than it saves on folders of a few files. */
const MAX_STAMP = 4_096;

/** A plugin's folder, read. */
export interface CatalogueEntry {
  /** Its manifest, or what is wrong with it. */
  readonly found: FoundPlugin;
  /** What checking its files and imports found; undefined where the manifest cannot be used. */
  readonly report: CheckReport | undefined;
  /** That it is the copy of an earlier version, and why; undefined for what a plugin's own folder holds. */
  readonly rolledBack?: RolledBack;
}

/** What is remembered of a folder; nothing in it depends on where the folder is. */
interface Remembered {
  readonly content: string;
  readonly manifest?: Manifest;
  readonly problems: readonly Problem[];
  readonly imports?: ImportReport;
  readonly contracts?: ContractReport;
}

/** Where it is remembered. */
type Memory = Pick<Registry, "batch" | "metadata" | "plugins">;

/** How folders are read. */
export interface CatalogueOptions {
  /** Where what was read before is remembered. */
  readonly registry: Memory;
  /** Folder for short-lived files. */
  readonly workDir: string;
  /** Ends the reading. */
  readonly signal?: AbortSignal;
}

/** A folder on its way into the catalogue. */
interface Reading {
  readonly dir: string;
  readonly folder: FolderReport | undefined;
  readonly stamp: string;
  readonly known: Remembered | undefined;
  /** Hash of its contents; undefined where they cannot be read. */
  readonly content: string | undefined;
  /** Whether they had to be read for that. */
  readonly isRead: boolean;
}

/** Reads every plugin folder beneath some folders; executes no code of theirs. */
export async function readCatalogue(
  dirs: readonly string[],
  options: CatalogueOptions,
): Promise<CatalogueEntry[]> {
  const { registry } = options;
  const readings: Reading[] = [];
  for (const dir of await findPluginFolders(dirs)) readings.push(await look(dir, registry.metadata));
  const found = refuseDuplicates(await Promise.all(readings.map(toFound)));
  const reports = await check(found, readings, options);
  remember(readings, { found, reports, registry });
  return found.map((plugin) => ({ found: plugin, report: reports.get(plugin) }));
}

async function look(dir: string, metadata: MetadataCache): Promise<Reading> {
  const folder = tryInspect(dir);
  const text = cacheKey(folder?.stamp ?? "");
  const stamp = text.length <= MAX_STAMP ? text : await hashText(text);
  const known = folder === undefined ? undefined : metadata.findByStamp(dir, stamp) as Remembered | undefined;
  if (known?.content !== undefined) {
    return { dir, folder, stamp, known, content: known.content, isRead: false };
  }
  const content = folder === undefined ? undefined : await tryHash(dir, folder.files);
  const same = content === undefined
    ? undefined
    : metadata.findByHash(cacheKey(content)) as Remembered | undefined;
  return { dir, folder, stamp, known: same, content, isRead: true };
}

async function tryHash(dir: string, files: readonly string[]): Promise<string | undefined> {
  try {
    return await hashFiles(dir, files);
  } catch {
    // A file that cannot be read or has gone: nothing is remembered of the folder.
    return undefined;
  }
}

/** What is remembered was judged by this version of Cordon and of Deno. */
function cacheKey(text: string): string {
  return `${CORDON_VERSION} ${Deno.version.deno}\n${text}`;
}

function tryInspect(dir: string): FolderReport | undefined {
  try {
    return inspectFolder(dir);
  } catch {
    // Checking meets the same obstacle and reports it.
    return undefined;
  }
}

async function toFound({ dir, known, content }: Reading): Promise<FoundPlugin> {
  if (known === undefined) return { ...await readPlugin(dir), content };
  const { manifest, problems } = known;
  return { id: manifest?.id ?? dir.split(/[/\\]/).at(-1)!, dir, manifest, problems, content };
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
      requests: listContracts(plugin.manifest),
      contracts: known?.contracts,
    };
    return [{ plugin, source }];
  });
  const reports = await checkSources(usable.map(({ source }) => source), options);
  return new Map(usable.map(({ plugin }, index) => [plugin, reports[index]!]));
}

function remember(
  readings: readonly Reading[],
  { found, reports, registry }: {
    found: readonly FoundPlugin[];
    reports: ReadonlyMap<FoundPlugin, CheckReport>;
    registry: Memory;
  },
): void {
  registry.batch(() => {
    for (const [index, { dir, stamp, content, isRead }] of readings.entries()) {
      const { id, manifest, problems } = found[index]!;
      const { imports, contracts } = reports.get(found[index]!) ?? {};
      // A duplicate is refused for its neighbour's sake, and a folder with problems is looked at anew each time.
      if (!isRead || content === undefined || manifest === undefined || imports === undefined) continue;
      const remembered: Remembered = { content, manifest, problems, imports, contracts };
      registry.metadata.put(dir, { stamp, hash: cacheKey(content), found: remembered });
      registry.plugins.noteVersion(id, manifest.version, content);
    }
  });
}
