/**
 * Whether what consumers were written against fits what providers offer. It
 * is compared once and remembered until one of the two contracts changes.
 *
 * @module
 */

import { parse, parseRange, satisfies } from "@std/semver";
import type { ContractVerdict } from "../../contracts/comparison.ts";
import type { ContractFile } from "../../contracts/contract.ts";
import { compareContracts, type ContractPair } from "../../installer/contract_check.ts";
import { CORDON_VERSION } from "../../internal/version.ts";
import type { CatalogueEntry } from "../catalogue_entry.ts";
import type { CatalogueOptions } from "../catalogue.ts";

const COMPATIBLE: ContractVerdict = { type: "compatible" };

/** A plugin whose contracts were read. */
export type ContractHolder = Pick<CatalogueEntry, "found" | "report">;

/** A pair on its way to a verdict. */
interface Compared extends ContractPair {
  readonly name: string;
  readonly key: string;
}

/** The verdicts on all pairs of plugins that could meet. */
export class ContractVerdicts {
  readonly #options: CatalogueOptions;
  readonly #verdicts = new Map<string, ContractVerdict>();

  /** @param options Where they are remembered, and where comparing takes place. */
  constructor(options: CatalogueOptions) {
    this.#options = options;
  }

  /** Compares what was not compared before; then {@linkcode ContractVerdicts.find} knows it. */
  async prepare(plugins: readonly ContractHolder[]): Promise<void> {
    const { registry, workDir, signal } = this.#options;
    const open: Compared[] = [];
    for (const pair of listPairs(plugins)) {
      if (this.#verdicts.has(pair.key)) continue;
      const known = registry.metadata.findByStamp(pair.name, pair.key) as ContractVerdict | undefined;
      if (known === undefined) open.push(pair);
      else this.#verdicts.set(pair.key, known);
    }
    const unique = [...new Map(open.map((pair) => [pair.key, pair])).values()];
    const verdicts = await compareContracts(unique, { workDir, signal });
    registry.batch(() => {
      for (const [index, { name, key }] of unique.entries()) {
        const verdict = verdicts[index]!;
        this.#verdicts.set(key, verdict);
        // What could not be told now may be told the next time.
        if (verdict.type === "unclear") continue;
        registry.metadata.put(name, { stamp: key, hash: key, found: verdict });
      }
    });
  }

  /** The verdict on two plugins; undefined where one of them has no contract of the capability. */
  find(consumer: ContractHolder, provider: ContractHolder, capability: string): ContractVerdict | undefined {
    const [used, provided] = [
      contractOf(consumer, capability, "uses"),
      contractOf(provider, capability, "provides"),
    ];
    if (used === undefined || provided === undefined) return undefined;
    return used.hash === provided.hash ? COMPATIBLE : this.#verdicts.get(keyOf(used, provided));
  }
}

/** The contract that a plugin has of a capability. */
export function contractOf(
  { report }: ContractHolder,
  capability: string,
  role: ContractFile["role"],
): ContractFile | undefined {
  return report?.contracts?.contracts.find((file) => file.role === role && file.capability === capability);
}

/** Every consumer with every provider in its range, where both have a contract and these differ. */
function listPairs(plugins: readonly ContractHolder[]): Compared[] {
  const providers = Map.groupBy(
    plugins.flatMap((plugin) =>
      (plugin.report?.contracts?.contracts ?? []).filter(({ role }) => role === "provides")
        .map((file) => ({ plugin, file }))
    ),
    ({ file }) => file.capability,
  );
  return plugins.flatMap((consumer) =>
    (consumer.report?.contracts?.contracts ?? []).filter(({ role }) => role === "uses").flatMap((used) =>
      (providers.get(used.capability) ?? []).filter(({ plugin, file }) =>
        file.hash !== used.hash && isInRange(consumer, plugin, used.capability)
      ).map(({ plugin, file }) => ({
        consumer: used,
        provider: file,
        // Begins with no "/", so that it is no folder's name.
        name: `contract ${consumer.found.id} ${used.capability} ${plugin.found.id}`,
        key: keyOf(used, file),
      }))
    )
  );
}

function isInRange(
  { found: consumer }: ContractHolder,
  { found: provider }: ContractHolder,
  name: string,
): boolean {
  const range = consumer.manifest?.uses[name]?.version;
  const version = provider.manifest?.provides[name]?.version;
  return range !== undefined && version !== undefined && satisfies(parse(version), parseRange(range));
}

function keyOf({ capability, hash }: ContractFile, provided: ContractFile): string {
  return [CORDON_VERSION, Deno.version.deno, capability, hash, provided.hash].join(" ");
}
