/**
 * Preparing a plugin: everything that is checked, and bundled, before any of
 * its code runs.
 *
 * @module
 */

import { dirname } from "node:path";
import { pathToFileURL } from "node:url";
import { copy, ensureDir, exists } from "@std/fs";
import { CordonError, errorMessage, InvalidPluginError, type Problem } from "../errors.ts";
import { hashText } from "../internal/hash.ts";
import { checkImportGraph, type ImportReport, type ModuleGraph } from "../manifest/import_graph.ts";
import type { ContractRequest } from "../contracts/contract.ts";
import { type ContractReport, readContracts } from "./contract_reader.ts";
import { bundleModule, readModuleGraph } from "./deno_tool.ts";
import { type FolderReport, hashFiles, inspectFolder } from "./plugin_folder.ts";

/** A plugin's folder to be prepared. */
export interface PluginSource {
  /** Its real path. */
  readonly dir: string;
  /** Main module, relative to it. */
  readonly main: string;
  /** What stands in it, where that is known already. */
  readonly folder?: FolderReport;
  /** What it imports, where that is known already. */
  readonly imports?: ImportReport;
  /** The contracts that its manifest names. */
  readonly requests?: readonly ContractRequest[];
  /** What they say, where that is known already. */
  readonly contracts?: ContractReport;
}

/** What checking found. */
export interface CheckReport {
  /** Everything that forbids running it. */
  readonly problems: readonly Problem[];
  /** Packages to bundle. */
  readonly packages: readonly string[];
  /** Its files. */
  readonly files: readonly string[];
  /** What it imports; undefined where its folder forbids looking. */
  readonly imports: ImportReport | undefined;
  /** Its contracts; undefined where its folder forbids looking. */
  readonly contracts: ContractReport | undefined;
}

/** A plugin that can run. */
export interface PreparedPlugin {
  /** The folder its code runs from: its own, or a copy with its packages bundled. */
  readonly codeDir: string;
  /** URL of its main module. */
  readonly entry: string;
}

/** Checks many plugins at once; executes no code of theirs. Reports come in the order of the sources. */
export async function checkSources(
  sources: readonly PluginSource[],
  options: { readonly workDir: string; readonly signal?: AbortSignal },
): Promise<CheckReport[]> {
  const folders = sources.map(inspectSource);
  const unread = sources.filter((source, index) =>
    source.imports === undefined && folders[index]!.problems.length === 0
  );
  const [read, contractsRead] = await Promise.all([
    readImports(unread, options),
    readUnknownContracts(sources, folders, options),
  ]);
  return sources.map((source, index) => {
    const { files, problems } = folders[index]!;
    const imports = problems.length > 0 ? undefined : source.imports ?? read.get(source);
    const contracts = problems.length > 0 ? undefined : source.contracts ?? contractsRead.get(source);
    return {
      files,
      imports,
      contracts,
      problems: [...problems, ...imports?.problems ?? [], ...contracts?.problems ?? []],
      packages: imports?.packages ?? [],
    };
  });
}

/** How a plugin is prepared. */
export interface PrepareOptions {
  /** Where prepared copies are kept. */
  readonly preparedDir: string;
  /** Ends it. */
  readonly signal?: AbortSignal;
  /** Told, in words, before packages are bundled, which takes seconds. */
  readonly onBundle?: (message: string) => void;
}

/**
 * Makes a checked plugin ready to run.
 *
 * @param source Its folder.
 * @param report What checking found.
 * @param options How.
 * @throws {InvalidPluginError} If the report has problems or the bundle reaches outside.
 */
export async function prepareSource(
  source: PluginSource,
  report: CheckReport,
  options: PrepareOptions,
): Promise<PreparedPlugin> {
  if (report.problems.length > 0) throw new InvalidPluginError(source.dir, report.problems);
  if (report.packages.length === 0) {
    return { codeDir: source.dir, entry: toFileUrl(`${source.dir}/${source.main}`) };
  }
  const content = await hashFiles(source.dir, report.files);
  const key = (await hashText(`${content} ${source.main} ${Deno.version.deno}`)).slice(0, 32);
  const codeDir = `${options.preparedDir}/${key}`;
  const main = `${source.main.replace(/\.[a-z]+$/, "")}.bundled.js`;
  if (!await exists(codeDir)) {
    options.onBundle?.(`bundles ${report.packages.join(", ")}`);
    await makeBundledCopy(source, report, { ...options, codeDir, main });
  }
  return { codeDir, entry: toFileUrl(`${codeDir}/${main}`) };
}

/** Copies the folder, adds the bundle and renames the whole into place. */
async function makeBundledCopy(
  source: PluginSource,
  { files, packages }: CheckReport,
  { preparedDir, codeDir, main, signal }: {
    preparedDir: string;
    codeDir: string;
    main: string;
    signal?: AbortSignal;
  },
): Promise<void> {
  await ensureDir(preparedDir);
  const temporary = await Deno.makeTempDir({ dir: preparedDir, prefix: "making-" });
  try {
    const copyDir = `${temporary}/plugin`;
    for (const file of files) {
      await ensureDir(dirname(`${copyDir}/${file}`));
      await copy(`${source.dir}/${file}`, `${copyDir}/${file}`);
    }
    const bundle = `${temporary}/bundle.js`;
    try {
      await bundleModule(`${copyDir}/${source.main}`, bundle, { readable: copyDir, signal });
    } catch (cause) {
      signal?.throwIfAborted();
      const message = describeBundleFailure(errorMessage(cause), packages);
      throw new InvalidPluginError(source.dir, [{ file: source.main, message }], { cause });
    }
    await Deno.rename(bundle, `${copyDir}/${main}`);
    try {
      await Deno.rename(copyDir, codeDir);
    } catch (error) {
      // Somebody else may have made the same copy meanwhile.
      if (!await exists(codeDir)) throw error;
    }
  } finally {
    await Deno.remove(temporary, { recursive: true });
  }
}

function describeBundleFailure(text: string, packages: readonly string[]): string {
  const outside = /Requires read access to "([^"]+)"/.exec(text)?.[1];
  if (outside !== undefined) {
    return `has a package that imports "${outside}", which is outside the plugin and its packages`;
  }
  const missing = /Could not find constraint '([^']+)'/.exec(text)?.[1];
  const reason = missing === undefined ? text : `no registry in reach has "${missing}"`;
  return `cannot be bundled with ${packages.join(", ")}: ${reason}`;
}

function inspectSource({ dir, main, folder }: PluginSource): Pick<FolderReport, "files" | "problems"> {
  try {
    const { files, problems } = folder ?? inspectFolder(dir);
    if (files.includes(main)) return { files, problems };
    return {
      files,
      problems: [...problems, { file: main, message: 'does not exist, but the manifest names it as "main"' }],
    };
  } catch (error) {
    return { files: [], problems: [{ message: `cannot be read: ${errorMessage(error)}` }] };
  }
}

async function readUnknownContracts(
  sources: readonly PluginSource[],
  folders: readonly Pick<FolderReport, "files" | "problems">[],
  options: { readonly workDir: string; readonly signal?: AbortSignal },
): Promise<Map<PluginSource, ContractReport>> {
  const unknown = sources.flatMap((source, index) => {
    const { files, problems } = folders[index]!;
    if (source.contracts !== undefined || problems.length > 0) return [];
    return [{ source, dir: source.dir, files, requests: source.requests ?? [] }];
  });
  const reports = await readContracts(unknown, options);
  return new Map(unknown.map(({ source }, index) => [source, reports[index]!]));
}

/** One run of the tool for all; when it fails, one run each, so that only the culprit suffers. */
async function readImports(
  sources: readonly PluginSource[],
  options: { readonly workDir: string; readonly signal?: AbortSignal },
): Promise<Map<PluginSource, ImportReport>> {
  if (sources.length === 0) return new Map();
  try {
    const graph = await readGraph(sources, options);
    return new Map(sources.map((source) => [source, judge(graph, source)]));
  } catch (error) {
    options.signal?.throwIfAborted();
    if (!(error instanceof CordonError)) throw error;
    if (sources.length === 1) {
      const message = `has an import graph that cannot be read (${error.message})`;
      return new Map([[sources[0]!, {
        problems: [{ file: sources[0]!.main, message }],
        packages: [],
        modules: [],
      }]]);
    }
    const reports = new Map<PluginSource, ImportReport>();
    for (const source of sources) {
      for (const [key, report] of await readImports([source], options)) reports.set(key, report);
    }
    return reports;
  }
}

async function readGraph(
  sources: readonly PluginSource[],
  { workDir, signal }: { readonly workDir: string; readonly signal?: AbortSignal },
): Promise<ModuleGraph> {
  const root = await Deno.makeTempFile({ dir: workDir, suffix: ".ts" });
  try {
    const lines = sources.map(({ dir, main }) => `import ${JSON.stringify(toFileUrl(`${dir}/${main}`))};`);
    await Deno.writeTextFile(root, lines.join("\n"));
    return await readModuleGraph(root, { signal });
  } finally {
    await Deno.remove(root);
  }
}

function judge(graph: ModuleGraph, { dir, main }: PluginSource): ImportReport {
  return checkImportGraph(graph, toFileUrl(`${dir}/${main}`), `${toFileUrl(dir)}/`);
}

function toFileUrl(path: string): string {
  return pathToFileURL(path).href;
}
