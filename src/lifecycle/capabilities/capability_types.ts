/**
 * The types of capabilities, for those who call them: the contract of whoever
 * provides one, as a file.
 *
 * @module
 */

import { dirname } from "node:path";
import { isTypesFile, writeTypesFile } from "../../contracts/types_file.ts";
import { CordonError, errorMessage } from "../../errors.ts";
import { type ContractHolder, contractOf } from "./contract_verdicts.ts";
import type { PluginEntry } from "../plugin_table.ts";

/** The types of one capability, or why there are none. */
export interface CapabilityTypes {
  /** The capability. */
  readonly capability: string;
  /** Who provides it, where somebody does. */
  readonly provider: string | undefined;
  /** Version of the capability there. */
  readonly version: string | undefined;
  /** Where the types belong, inside the folder of the plugin that uses it. */
  readonly file: string;
  /** Whether its manifest names that file. */
  readonly isNamed: boolean;
  /** What the file holds; undefined where there is no contract. */
  readonly text: string | undefined;
  /** Why there is none. */
  readonly reason: string | undefined;
}

/** The types of what a plugin uses. */
export function typesOfUsed(
  { found: { manifest } }: ContractHolder,
  { plugins, bindings = new Map() }: {
    readonly plugins: readonly PluginEntry[];
    /** Which plugin provides what it uses, by capability. */
    readonly bindings?: ReadonlyMap<string, string> | undefined;
  },
): CapabilityTypes[] {
  return Object.entries(manifest?.uses ?? {}).map(([capability, { contract }]) => {
    const bound = bindings.get(capability);
    const able = plugins.filter(({ found }) => Object.hasOwn(found.manifest?.provides ?? {}, capability));
    const provider = able.find(({ id }) => id === bound) ?? able[0];
    return typesOf(capability, provider, contract);
  });
}

/** The types of what a plugin provides. */
export function typesOfProvided(entry: PluginEntry): CapabilityTypes[] {
  return Object.keys(entry.found.manifest?.provides ?? {}).map((capability) => typesOf(capability, entry));
}

function typesOf(
  capability: string,
  provider: PluginEntry | undefined,
  named?: string,
): CapabilityTypes {
  const version = provider?.found.manifest?.provides[capability]?.version;
  const contract = provider && contractOf(provider, capability, "provides");
  const origin = { capability, provider: provider?.id ?? "", version: version ?? "" };
  const isPromised = provider?.found.manifest?.provides[capability]?.contract !== undefined;
  return {
    capability,
    provider: provider?.id,
    version,
    file: named ?? `contracts/${capability}.ts`,
    isNamed: named !== undefined,
    text: contract && writeTypesFile(origin, contract.text),
    reason: contract !== undefined
      ? undefined
      : provider === undefined
      ? "nothing here provides it"
      : isPromised
      ? `the contract of "${provider.id}" has problems`
      : `"${provider.id}" provides it without a contract`,
  };
}

/**
 * Writes a file of types into a folder; one that somebody else wrote is left alone.
 *
 * @param dir The folder.
 * @param options `file`: path inside it; `force`: whether any file is replaced.
 * @returns Whether the file changed.
 * @throws {CordonError} `exists`, or `not_writable`.
 */
export async function saveTypes(
  dir: string,
  { file, text, force }: { readonly file: string; readonly text: string; readonly force: boolean },
): Promise<boolean> {
  const path = `${dir}/${file}`;
  try {
    await makeFolders(dir, file);
    const before = await tryRead(path);
    if (before === text) return false;
    if (before !== undefined && !force && !isTypesFile(before)) {
      throw new CordonError("exists", `Cannot write "${path}": somebody else wrote the file that is there`, {
        hint: "Replace it with --force, or name another with --out",
      });
    }
    const temporary = `${dirname(path)}/.${crypto.randomUUID()}`;
    await Deno.writeTextFile(temporary, text, { createNew: true });
    await Deno.rename(temporary, path);
    return true;
  } catch (cause) {
    if (cause instanceof CordonError) throw cause;
    throw new CordonError("not_writable", `Cannot write "${path}": ${errorMessage(cause)}`, { cause });
  }
}

/** Makes the folders around a file; a link on the way would lead out of the folder. */
async function makeFolders(dir: string, file: string): Promise<void> {
  let folder = dir;
  for (const name of file.split("/").slice(0, -1)) {
    folder = `${folder}/${name}`;
    try {
      if (!(await Deno.lstat(folder)).isDirectory) throw new Error(`"${folder}" is no folder`);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      await Deno.mkdir(folder);
    }
  }
}

async function tryRead(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
