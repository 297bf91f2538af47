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
import { type FolderReport, hashContents, hashEach, inspectFolder } from "../installer/plugin_folder.ts";
import type { ImportReport } from "../manifest/import_graph.ts";
import type { Manifest } from "../manifest/manifest.ts";
import { CORDON_VERSION } from "../internal/version.ts";
import type { Registry } from "./registry.ts";
import type { CatalogueEntry, FileHashes } from "./catalogue_entry.ts";
import { findUnchanged, sketchChanged } from "./unchanged_report.ts";
import { findPluginFolders, type FoundPlugin, readPlugin, refuseDuplicates } from "./discovery.ts";

/** Longest stamp kept as it is; hashing costs more than it saves on folders of a few files. */
const MAX_STAMP = 4_096;

/** Changes with the shape of what is remembered. */
const FORMAT = 3;

/** What is remembered of a folder; nothing in it depends on where the folder is. */
interface Remembered {
  readonly manifest?: Manifest;
  readonly problems: readonly Problem[];
  readonly imports?: ImportReport;
  readonly contracts?: ContractReport;
  /** Hash of its contents. */
  readonly content: string;
  /** Hashes of its files, in their order. */
  readonly hashes: readonly string[];
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
  /** What a folder was when it was last read, so that only files that were written since are. */
  readonly before?: (dir: string) => CatalogueEntry | undefined;
}

/** What holds of the report before. */
type Unchanged = Pick<CheckReport, "imports" | "contracts"> | undefined;

/** A folder on its way into the catalogue. */
interface Reading {
  /** What it was before, where it is another one now. */
  readonly earlier?: CatalogueEntry;
  readonly dir: string;
  readonly folder: FolderReport | undefined;
  readonly stamp: string;
  readonly known: Remembered | undefined;
  readonly files: FileHashes | undefined;
  /** Hash of its contents; undefined where they cannot be read. */
  readonly content: string | undefined;
  /** Whether they were read for that, since its stamp was not known. */
  readonly isNew: boolean;
}

/** Reads every plugin folder beneath some folders; executes no code of theirs. */
export async function readCatalogue(
  dirs: readonly string[],
  options: CatalogueOptions,
): Promise<CatalogueEntry[]> {
  return refuseSecond(await readPluginFolders(await findPluginFolders(dirs), options));
}

/** Reads plugin folders, each by itself. */
export async function readPluginFolders(
  dirs: readonly string[],
  options: CatalogueOptions,
): Promise<CatalogueEntry[]> {
  const { registry } = options;
  const readings: Reading[] = [];
  for (const dir of dirs) readings.push(await look(dir, options));
  const found = await Promise.all(readings.map(toFound));
  const unchanged = readings.map(({ earlier, files }, index) =>
    earlier && files && findUnchanged(earlier, { manifest: found[index]!.manifest, files })
  );
  const reports = await check(found, { ...options, readings, unchanged });
  remember(readings, { found, reports, unchanged, registry });
  return found.map((plugin, index) => ({
    found: plugin,
    report: reports.get(plugin),
    files: readings[index]!.files,
  }));
}

/** Refuses plugins whose id another one has too. */
export function refuseSecond(entries: readonly CatalogueEntry[]): CatalogueEntry[] {
  const found = refuseDuplicates(entries.map((entry) => entry.found));
  return entries.map((entry, index) =>
    found[index] === entry.found ? entry : { ...entry, found: found[index]!, report: undefined }
  );
}

async function look(dir: string, { registry, before }: CatalogueOptions): Promise<Reading> {
  const folder = tryInspect(dir);
  if (folder === undefined) {
    return { dir, folder, stamp: "", known: undefined, files: undefined, content: undefined, isNew: true };
  }
  const { files, stamps } = folder;
  const text = cacheKey(files.map((file) => `${file} ${stamps.get(file)}`).join("\n"));
  const stamp = text.length <= MAX_STAMP ? text : await hashText(text);
  const known = registry.metadata.findByStamp(dir, stamp) as Remembered | undefined;
  if (known !== undefined) {
    const hashes = new Map(files.map((file, index) => [file, known.hashes[index]!]));
    return { dir, folder, stamp, known, files: { stamps, hashes }, content: known.content, isNew: false };
  }
  const earlier = before?.(dir);
  const hashes = await tryHash(dir, folder, earlier?.files);
  if (hashes === undefined) {
    return { dir, folder, stamp, known: undefined, files: undefined, content: undefined, isNew: true };
  }
  const content = await hashContents(hashes);
  const same = registry.metadata.findByHash(cacheKey(content)) as Remembered | undefined;
  if (same !== undefined || earlier?.files === undefined) {
    return { dir, folder, stamp, known: same, files: { stamps, hashes }, content, isNew: true };
  }
  const sketches = await sketchChanged(dir, { before: earlier.files, hashes });
  const read = { stamps, hashes, sketches };
  return { dir, folder, stamp, known: undefined, files: read, content, earlier, isNew: true };
}

async function tryHash(
  dir: string,
  { files, stamps }: FolderReport,
  before: FileHashes | undefined,
): Promise<Map<string, string> | undefined> {
  const same = [...before?.hashes ?? []].filter(([file]) => before!.stamps.get(file) === stamps.get(file));
  try {
    return await hashEach(dir, files, new Map(same));
  } catch {
    // A file that cannot be read or has gone: nothing is remembered of the folder.
    return undefined;
  }
}

/** What is remembered was judged by this version of Cordon and of Deno. */
function cacheKey(text: string): string {
  return `${CORDON_VERSION} ${Deno.version.deno} ${FORMAT}\n${text}`;
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
  { readings, unchanged, ...options }: {
    readonly readings: readonly Reading[];
    readonly unchanged: readonly Unchanged[];
    readonly workDir: string;
    readonly signal?: AbortSignal;
  },
): Promise<Map<FoundPlugin, CheckReport>> {
  const usable = found.flatMap((plugin, index) => {
    if (plugin.manifest === undefined) return [];
    const { folder, known } = readings[index]!;
    const source: PluginSource = {
      dir: plugin.dir,
      main: plugin.manifest.main,
      folder,
      imports: known?.imports ?? unchanged[index]?.imports,
      requests: listContracts(plugin.manifest),
      contracts: known?.contracts ?? unchanged[index]?.contracts,
    };
    return [{ plugin, source }];
  });
  const reports = await checkSources(usable.map(({ source }) => source), options);
  return new Map(usable.map(({ plugin }, index) => [plugin, reports[index]!]));
}

function remember(
  readings: readonly Reading[],
  { found, reports, unchanged, registry }: {
    found: readonly FoundPlugin[];
    reports: ReadonlyMap<FoundPlugin, CheckReport>;
    unchanged: readonly Unchanged[];
    registry: Memory;
  },
): void {
  registry.batch(() => {
    for (const [index, { dir, stamp, content, files, isNew }] of readings.entries()) {
      const { id, manifest, problems } = found[index]!;
      const { imports, contracts } = reports.get(found[index]!) ?? {};
      // A folder with problems is looked at anew each time.
      if (!isNew || content === undefined || manifest === undefined || imports === undefined) continue;
      registry.plugins.noteVersion(id, manifest.version, content);
      // What was not looked at is not known of these contents.
      if (unchanged[index]?.imports !== undefined) continue;
      const remembered: Remembered = {
        manifest,
        problems,
        imports,
        contracts,
        content,
        hashes: [...files!.hashes.values()],
      };
      registry.metadata.put(dir, { stamp, hash: cacheKey(content), found: remembered });
    }
  });
}
