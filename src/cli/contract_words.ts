/**
 * What should be known of a contract, in words.
 *
 * @module
 */

import type { ContractSummary } from "../lifecycle/capabilities/contract_summary.ts";

/**
 * What of a contract is taken without a check, and which providers it does not fit.
 *
 * @param known What is told anyway.
 */
export function describeContract(
  { capability, role, unchecked, comparisons }: ContractSummary,
  known: string = "",
): string[] {
  // What is passed is checked by the contract of who provides it.
  const blind = role === "provides" ? unchecked : [];
  return [
    ...blind.map((what) => `its contract of "${capability}" is not checked in part: ${what}`),
    ...comparisons.filter(({ fits, reasons }) => fits !== true && !known.includes(reasons.join("; "))).map(
      ({ provider, version, fits, reasons }) => {
        const state = fits === undefined ? "could not be compared with that of" : "does not fit";
        return `its contract of "${capability}" ${state} "${provider}", which provides ${version}: ${
          reasons.join("; ")
        }`;
      },
    ),
  ];
}
