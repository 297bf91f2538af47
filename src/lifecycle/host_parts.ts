/**
 * What a host is made of, opened one after the other; what was opened before
 * a failure is closed again.
 *
 * @module
 */

import { Capabilities } from "../bus/capabilities.ts";
import { CordonError, errorMessage, isSystemError } from "../errors.ts";
import { chooseTier } from "../sandbox/kernel_support.ts";
import { createSandboxes, type Sandboxes } from "../sandbox/sandboxes.ts";
import { readCatalogue } from "./catalogue.ts";
import { ChoiceBook } from "./capabilities/choice_book.ts";
import { summarizeContracts } from "./capabilities/contract_summary.ts";
import { ContractVerdicts } from "./capabilities/contract_verdicts.ts";
import { HostFolders } from "./folders.ts";
import { GrantBook } from "./consent/grant_book.ts";
import type { HostOptions } from "./host_options.ts";
import { LimitWatch } from "./limits/limit_watch.ts";
import { findBounded } from "./limits/plugin_limits.ts";
import { describePlugin, type PluginInfo } from "./plugin_summary.ts";
import { PluginTable } from "./plugin_table.ts";
import { Registry } from "./registry.ts";
import { Resolution } from "./resolution.ts";
import { chooseStartingVersions } from "./versions/starting_versions.ts";
import { VersionStore } from "./versions/version_store.ts";

/** What a host is made of. */
export interface HostParts {
  readonly options: HostOptions;
  readonly folders: HostFolders;
  readonly registry: Registry;
  readonly table: PluginTable;
  readonly resolution: Resolution;
  readonly verdicts: ContractVerdicts;
  readonly versions: VersionStore;
  readonly book: GrantBook;
  readonly choices: ChoiceBook;
  readonly capabilities: Capabilities;
  readonly sandboxes: Sandboxes;
  readonly limits: LimitWatch;
}

/**
 * Opens them: finds the plugins, checks them and resolves their dependencies.
 *
 * @throws {CordonError} `not_found`, `not_writable`, `data_in_use`.
 */
export async function openHostParts(options: HostOptions): Promise<HostParts> {
  options.signal?.throwIfAborted();
  const folders = await HostFolders.open(options.data);
  let registry: Registry | undefined;
  try {
    const tell = (message: string) => options.onNotice?.(message);
    registry = await Registry.open(folders.data, tell);
    registry.isKeeping = options.lookOnly !== true;
    const table = new PluginTable(registry);
    const reading = { registry, workDir: folders.work, signal: options.signal };
    const found = await readCatalogue(options.plugins, reading);
    const versions = new VersionStore({ folders, records: registry.versions });
    const isLooking = options.lookOnly === true;
    // Who looks at a folder wants to know what is in it.
    const starting = isLooking ? found : await chooseStartingVersions(found, { store: versions, reading });
    for (const entry of starting) table.add(entry);
    const verdicts = new ContractVerdicts(reading);
    await verdicts.prepare(table.list());
    const book = await GrantBook.open(folders.data, registry, tell);
    const policy = options.policy ?? {};
    const tier = chooseTier(policy.tier, options.lookOnly === true ? undefined : options.onNotice);
    const decisions = {
      vars: options.vars ?? {},
      grant: options.grant ?? "stored",
      policy,
      tier,
      assumeVariables: options.lookOnly ?? false,
    };
    const capabilities = new Capabilities();
    const choices = new ChoiceBook(options.providers ?? {}, registry.choices);
    const resolution = registry.batch(() =>
      new Resolution({
        table,
        folders,
        decisions,
        book,
        choices,
        capabilities,
        verdicts,
        findRejection: (id, hash) => isLooking ? undefined : versions.findRejection(id, hash),
        findBounded: (manifest) => findBounded(manifest, options.limits),
      })
    );
    const limits = new LimitWatch({ site: options.limits, policy: options.policy });
    const sandboxes = await createSandboxes({
      codeDir: folders.bootstrap,
      socketDir: folders.sockets,
      tier,
      tierFallback: policy.tierFallback ?? false,
      onLauncher: (pid) => limits.adopt(pid),
      onNotice: options.onNotice,
    });
    return {
      options,
      folders,
      registry,
      table,
      resolution,
      verdicts,
      versions,
      book,
      choices,
      capabilities,
      sandboxes,
      limits,
    };
  } catch (cause) {
    registry?.[Symbol.dispose]();
    await folders[Symbol.asyncDispose]();
    if (cause instanceof CordonError || !isSystemError(cause)) throw cause;
    throw new CordonError(
      "not_writable",
      `Cannot use the data folder "${folders.data}": ${errorMessage(cause)}`,
      {
        hint: "Free some room there, or name another folder with --data",
        cause,
      },
    );
  }
}

/**
 * Everything about one plugin.
 *
 * @throws {CordonError} `not_found`.
 */
export function describeEntry(
  { table, verdicts, registry, resolution, limits }: HostParts,
  id: string,
): PluginInfo {
  const entry = table.require(id);
  const { manifest } = entry.found;
  return describePlugin(entry, {
    contracts: summarizeContracts(entry, { plugins: table.list(), verdicts }),
    versions: registry.plugins.versions(id),
    bindings: Object.fromEntries(resolution.graph.bindings.get(id) ?? []),
    limits: manifest === undefined ? [] : limits.describe(manifest),
  });
}
