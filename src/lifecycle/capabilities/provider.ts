/**
 * A capability as a plugin provides it: guarded by its contract, and for those
 * only that were written against one it fits.
 *
 * @module
 */

import type { Provider } from "../../bus/provider.ts";
import { guardCalls } from "./contract_guard.ts";
import { provideBy } from "./provided_capability.ts";
import type { PluginInstance } from "../instance.ts";
import type { PluginEntry } from "../plugin_table.ts";

/** What a provider is made of. */
export interface ProviderContext {
  /** The plugin. */
  readonly entry: PluginEntry;
  /** Its running incarnation. */
  readonly instance: PluginInstance;
  /** Why its contract does not fit what a plugin was written against. */
  readonly isIncompatible: Provider["isIncompatible"];
}

/** Makes the provider of a capability that the plugin's manifest names. */
export function createProvider(name: string, { entry, instance, isIncompatible }: ProviderContext): Provider {
  const provider = provideBy(instance, entry.found.manifest!, name);
  return { ...provider, invoke: guardCalls(entry.guards.get(name), provider.invoke), isIncompatible };
}
