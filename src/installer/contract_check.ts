/**
 * Compares contracts by TypeScript's own checker, which runs none of them.
 *
 * @module
 */

import { pathToFileURL } from "node:url";
import type { ContractFile } from "../contracts/contract.ts";
import {
  type ComparedPair,
  type ContractVerdict,
  readVerdicts,
  writeComparison,
} from "../contracts/comparison.ts";
import { CordonError, errorMessage } from "../errors.ts";
import { checkTypes } from "./deno_tool.ts";

/** What a consumer was written against, and what a provider offers. */
export interface ContractPair {
  readonly consumer: ContractFile;
  readonly provider: ContractFile;
}

interface CheckOptions {
  /** Folder for short-lived files. */
  readonly workDir: string;
  readonly signal?: AbortSignal;
}

/**
 * Compares pairs of contracts, in one run of the checker for all; when that
 * fails, in one each. Verdicts come in the order of the pairs.
 */
export async function compareContracts(
  pairs: readonly ContractPair[],
  options: CheckOptions,
): Promise<ContractVerdict[]> {
  if (pairs.length === 0) return [];
  try {
    return await compareTogether(pairs, options);
  } catch (error) {
    options.signal?.throwIfAborted();
    if (!(error instanceof CordonError) && !(error instanceof Deno.errors.NotFound)) throw error;
    if (pairs.length === 1) return [{ type: "unclear", reason: errorMessage(error) }];
    const verdicts: ContractVerdict[] = [];
    for (const pair of pairs) verdicts.push(...await compareContracts([pair], options));
    return verdicts;
  }
}

async function compareTogether(
  pairs: readonly ContractPair[],
  { workDir, signal }: CheckOptions,
): Promise<ContractVerdict[]> {
  const dir = await Deno.realPath(await Deno.makeTempDir({ dir: workDir, prefix: "comparison-" }));
  try {
    const names = new Map<string, string>();
    const copy = async ({ text, contract }: ContractFile) => {
      // A name that no contract can guess: one could add to the types of another.
      const name = names.get(text) ?? `./${crypto.randomUUID()}.ts`;
      if (!names.has(text)) await Deno.writeTextFile(`${dir}/${name}`, text);
      names.set(text, name);
      return { contract, module: name };
    };
    const compared: ComparedPair[] = [];
    for (const { consumer, provider } of pairs) {
      compared.push({ consumer: await copy(consumer), provider: await copy(provider) });
    }
    const comparison = writeComparison(compared);
    const root = `${dir}/${crypto.randomUUID()}.ts`;
    await Deno.writeTextFile(root, comparison.text);
    const output = await checkTypes(root, { signal });
    return readVerdicts(output, { url: pathToFileURL(root).href, comparison, pairs: compared });
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}
