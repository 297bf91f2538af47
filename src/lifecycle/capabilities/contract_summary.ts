/**
 * The contracts of a plugin as the outside sees them.
 *
 * @module
 */

import type { ContractHolder, ContractVerdicts } from "./contract_verdicts.ts";

/** A contract of a plugin. */
export interface ContractSummary {
  /** The capability. */
  readonly capability: string;
  /** Whether the plugin provides the capability, or uses it. */
  readonly role: "provides" | "uses";
  /** Its file, inside the plugin's folder. */
  readonly file: string;
  /** What is taken without a check, in words. */
  readonly unchecked: readonly string[];
  /** How what the plugin was written against fits what others provide; empty for one that it provides. */
  readonly comparisons: readonly ContractComparison[];
}

/** What came of comparing it with the contract of a provider. */
export interface ContractComparison {
  /** Id of the provider. */
  readonly provider: string;
  /** Version of the capability there. */
  readonly version: string;
  /** Whether it fits; undefined where that could not be told. */
  readonly fits: boolean | undefined;
  /** Why it does not fit, or why that could not be told. */
  readonly reasons: readonly string[];
}

/** Summarizes the contracts of a plugin, compared with those of all. */
export function summarizeContracts(
  plugin: ContractHolder,
  { plugins, verdicts }: {
    readonly plugins: readonly ContractHolder[];
    readonly verdicts: Pick<ContractVerdicts, "find">;
  },
): ContractSummary[] {
  return (plugin.report?.contracts?.contracts ?? []).map(({ capability, role, file, contract }) => ({
    capability,
    role,
    file,
    unchecked: contract.unchecked,
    comparisons: role === "provides" ? [] : plugins.flatMap((other): ContractComparison[] => {
      const verdict = verdicts.find(plugin, other, capability);
      if (verdict === undefined) return [];
      const { id, manifest } = other.found;
      return [{
        provider: id,
        version: manifest!.provides[capability]!.version,
        fits: verdict.type === "unclear" ? undefined : verdict.type === "compatible",
        reasons: verdict.type === "compatible"
          ? []
          : verdict.type === "unclear"
          ? [verdict.reason]
          : verdict.reasons,
      }];
    }),
  }));
}
