/**
 * Capabilities as the outside sees them: who provides each, who uses it, and
 * who serves whom.
 *
 * @module
 */

import type { Capabilities } from "../../bus/capabilities.ts";
import type { DependencyGraph } from "../../solver/graph.ts";
import { collectOffers, compareOffers, type Offer, type ProviderChoice } from "../../solver/offers.ts";
import type { PluginEntry } from "../plugin_table.ts";
import type { PluginState } from "../state.ts";

/** A plugin that provides a capability. */
export interface CapabilityOffer {
  /** Plugin id. */
  readonly id: string;
  /** Version of the capability. */
  readonly version: string;
  /** Where the plugin stands. */
  readonly state: PluginState;
}

/** A plugin that uses a capability. */
export interface CapabilityConsumer {
  /** Plugin id. */
  readonly id: string;
  /** Versions that it takes. */
  readonly range: string;
  /** Whether it starts without. */
  readonly optional: boolean;
  /** Where the plugin stands. */
  readonly state: PluginState;
  /** The provider that the resolution gave it. */
  readonly bound: string | undefined;
  /** The provider that serves it now, while it runs itself; another than `bound` where that cannot. */
  readonly served: string | undefined;
}

/** Why a provider is preferred; `only`: no other can start. */
export type PreferenceReason = "site" | "administrator" | "only" | "version" | "id";

/** Everything about one capability. */
export interface CapabilityInfo {
  /** Its name. */
  readonly name: string;
  /** The provider for whoever takes any version. */
  readonly preferred: string | undefined;
  /** Why; undefined where no provider can start. */
  readonly because: PreferenceReason | undefined;
  /** Plugins that provide it, the highest version first. */
  readonly providers: readonly CapabilityOffer[];
  /** Plugins that use it, by id. */
  readonly consumers: readonly CapabilityConsumer[];
}

/** What is known. */
export interface CapabilityFacts {
  /** The plugins. */
  readonly entries: readonly PluginEntry[];
  /** Their graph. */
  readonly graph: DependencyGraph;
  /** The choices in force, by capability. */
  readonly choices: ReadonlyMap<string, ProviderChoice>;
  /** Who serves whom now. */
  readonly running: Pick<Capabilities, "find">;
}

/** Every capability that some plugin provides or uses, or that there is a choice for, by name. */
export function listCapabilities(
  { entries, choices }: Pick<CapabilityFacts, "entries" | "choices">,
): string[] {
  const names = entries.flatMap(({ found: { manifest } }) => [
    ...Object.keys(manifest?.provides ?? {}),
    ...Object.keys(manifest?.uses ?? {}),
  ]);
  return [...new Set([...names, ...choices.keys()])].sort();
}

/** Describes one capability. */
export function describeCapability(name: string, facts: CapabilityFacts): CapabilityInfo {
  const { entries, graph, choices, running } = facts;
  const byId = new Map(entries.map((entry) => [entry.id, entry]));
  const offers = offersOf(name, entries);
  const choice = choices.get(name);
  const preferred = choice?.id ?? graph.providers.get(name);
  const canStart = new Set(graph.stages.flatMap(({ ids }) => ids));
  return {
    name,
    preferred,
    because: choice?.by ?? explainPreference(offers.filter(({ id }) => canStart.has(id))),
    providers: offers.map((offer) => ({ ...offer, state: byId.get(offer.id)!.state })),
    consumers: entries.flatMap((entry) => {
      const { manifest } = entry.found;
      if (manifest === undefined || !Object.hasOwn(manifest.uses, name)) return [];
      const { version: range, optional } = manifest.uses[name]!;
      const served = entry.instance && running.find(manifest, name)?.id;
      const bound = graph.bindings.get(entry.id)?.get(name);
      return [{ id: entry.id, range, optional, state: entry.state, bound, served }];
    }),
  };
}

/** Everybody who says to provide a capability, the best first. */
export function offersOf(name: string, entries: readonly PluginEntry[]): readonly Offer[] {
  const plugins = entries.flatMap(({ id, found: { manifest } }) =>
    manifest !== undefined && Object.hasOwn(manifest.provides, name)
      ? [{ id, provides: { [name]: manifest.provides[name]!.version } }]
      : []
  );
  return collectOffers(plugins).get(name) ?? [];
}

/** Why the first of some offers comes before the others. */
function explainPreference([first, second]: readonly Offer[]): PreferenceReason | undefined {
  if (first === undefined) return undefined;
  if (second === undefined) return "only";
  return compareOffers({ ...first, id: "" }, { ...second, id: "" }) === 0 ? "id" : "version";
}
