/**
 * Contracts from their text, by the real `deno doc`.
 *
 * @module
 */

import type { ContractFile, ContractRequest } from "../../src/contracts/contract.ts";
import { type ContractReport, readContracts } from "../../src/installer/contract_reader.ts";

/** A contract that a plugin names, with its text. */
export interface NamedText extends Partial<ContractRequest> {
  readonly text: string;
}

/** Reads several contracts in one run; reports come in the order of the texts. */
export async function readTexts(texts: readonly NamedText[]): Promise<ContractReport[]> {
  const dir = await Deno.realPath(await Deno.makeTempDir({ prefix: "cordon-contracts-" }));
  try {
    const sources = [];
    for (const [index, { text, ...request }] of texts.entries()) {
      const pluginDir = `${dir}/${index}`;
      const file = "thing.ts";
      await Deno.mkdir(pluginDir);
      await Deno.writeTextFile(`${pluginDir}/${file}`, text);
      const named = { capability: "thing", role: "uses" as const, file, ...request };
      sources.push({ dir: pluginDir, files: [file], requests: [named] });
    }
    return await readContracts(sources, { workDir: dir });
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

/** The one contract of a text that has no problem. */
export async function readText(text: string): Promise<ContractFile> {
  const [{ contracts: [contract], problems }] = await readTexts([{ text }]) as [ContractReport];
  if (contract === undefined) throw new Error(JSON.stringify(problems));
  return contract;
}
