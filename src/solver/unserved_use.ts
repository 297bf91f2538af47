/**
 * Why a plugin does not get a capability that it cannot do without, in words.
 *
 * @module
 */

import { compareOffers, fitsRange, type Offer, type ProviderChoice } from "./offers.ts";

/** Providers named in one sentence at most. */
const MAX_NAMED = 5;

/** A use of a capability that nothing can serve, and what there is. */
export interface UnservedUse {
  /** The capability. */
  readonly name: string;
  /** The range of versions wanted. */
  readonly range: string;
  /** Which provider is to be taken. */
  readonly choice: ProviderChoice | undefined;
  /** Every other plugin that provides the capability; none within the range can start. */
  readonly offers: readonly Offer[];
  /** Whether a plugin is there at all. */
  readonly isThere: (id: string) => boolean;
}

/** Why a use of a capability cannot be served, as the rest of a sentence about the plugin. */
export function describeUnserved(use: UnservedUse): string {
  const subject = `it uses the capability "${use.name}" ${use.range}, `;
  const { choice, offers } = use;
  const fitting = offers.filter((offer) => fitsRange(offer, use.range));
  if (choice !== undefined) return subject + describeChoice(choice, use);
  if (fitting.length > 0) {
    return `${subject}whose ${fitting.length === 1 ? "provider" : "providers"} ${
      joinNames(fitting.map(({ id }) => `"${id}"`))
    } cannot start`;
  }
  if (offers.length === 0) return `${subject}which nothing provides`;
  const shown = offers.toSorted(compareOffers).reverse().map(({ id, version }) => `${version} ("${id}")`);
  return `${subject}but only ${joinNames(shown)} ${offers.length === 1 ? "is" : "are"} provided`;
}

/** Why the best offer in range does not fit what a plugin was written against; undefined where there is none. */
export function describeMisfit(
  name: string,
  [best]: readonly Offer[],
  explainMisfit: (provider: string) => string | undefined,
): string | undefined {
  const misfit = best && explainMisfit(best.id);
  if (misfit === undefined) return undefined;
  return `it was written against another contract of "${name}" than that of "${best!.id}", which provides ` +
    `${best!.version}: ${misfit}`;
}

function describeChoice(
  { id, by }: ProviderChoice,
  { name, range, offers, isThere }: UnservedUse,
): string {
  const offer = offers.find((one) => one.id === id);
  const state = offer === undefined
    ? isThere(id) ? "does not provide it" : "is not there"
    : fitsRange(offer, range)
    ? "cannot start"
    : `provides ${offer.version}`;
  return by === "site"
    ? `for which cordon.toml names "${id}", which ${state}: change it there, under [providers]`
    : `for which the administrator chose "${id}", which ${state}: choose another with ` +
      `cordon prefer ${name} ID, or none with --clear`;
}

function joinNames(names: readonly string[]): string {
  const shown = names.length > MAX_NAMED
    ? [...names.slice(0, MAX_NAMED), `${names.length - MAX_NAMED} more`]
    : names;
  return shown.length === 1 ? shown[0]! : `${shown.slice(0, -1).join(", ")} and ${shown.at(-1)}`;
}
