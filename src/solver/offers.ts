/**
 * Who provides a capability, and in which order providers are taken: what an
 * administrator chose, else the highest version, else the first by id. Pure.
 *
 * @module
 */

import { compare, parse, parseRange, satisfies } from "@std/semver";

/** That a plugin provides a capability. */
export interface Offer {
  /** Plugin id. */
  readonly id: string;
  /** Version of the capability. */
  readonly version: string;
}

/** Which plugin is to provide a capability, to everybody who uses it. */
export interface ProviderChoice {
  /** Plugin id. */
  readonly id: string;
  /** Whether the site's file says so, or an administrator did by a command. */
  readonly by: "site" | "administrator";
}

/** What choices are looked up in, by the name of the capability. */
export type ProviderChoices = Pick<ReadonlyMap<string, ProviderChoice>, "get">;

/** What a plugin asks of the provider of a capability. */
export interface Demand {
  /** The plugin. */
  readonly consumer: string;
  /** The versions it takes. */
  readonly range: string;
  /** The one provider to be taken, where there is such a choice. */
  readonly choice: ProviderChoice | undefined;
  /** Why a provider does not fit what the plugin was written against; undefined where it does. @default {all fit} */
  readonly explainMisfit?: ((provider: string) => string | undefined) | undefined;
}

/** The offers that meet a demand, in their order; nobody provides for itself. */
export function selectOffers<Kind extends Offer>(
  offers: readonly Kind[],
  { consumer, range, choice, explainMisfit }: Demand,
): Kind[] {
  return offers.filter((offer) =>
    offer.id !== consumer && (choice === undefined || choice.id === offer.id) && fitsRange(offer, range) &&
    explainMisfit?.(offer.id) === undefined
  );
}

/** The order in which providers are taken, the best first. */
export function compareOffers(a: Offer, b: Offer): number {
  return compare(parse(b.version), parse(a.version)) || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}

/** Whether an offer is within a range of versions. */
export function fitsRange({ version }: Offer, range: string): boolean {
  return satisfies(parse(version), parseRange(range));
}

/** The offers of some plugins by capability, the best first. */
export function collectOffers(
  plugins: Iterable<{ readonly id: string; readonly provides: Readonly<Record<string, string>> }>,
): Map<string, Offer[]> {
  const offers = new Map<string, Offer[]>();
  for (const { id, provides } of plugins) {
    for (const [name, version] of Object.entries(provides)) {
      const list = offers.get(name) ?? [];
      list.push({ id, version });
      offers.set(name, list);
    }
  }
  for (const list of offers.values()) list.sort(compareOffers);
  return offers;
}
