/**
 * A capability as a running plugin provides it: bounded in time, and guarded by its contract.
 *
 * @module
 */

import type { Provider } from "../bus/capabilities.ts";
import { guardCalls } from "./contract_guard.ts";
import type { PluginInstance } from "./instance.ts";
import type { PluginEntry } from "./plugin_table.ts";

/** Makes the provider of a capability that the plugin's manifest names. */
export function createProvider(
  name: string,
  { id, found, guards }: Pick<PluginEntry, "id" | "found" | "guards">,
  instance: PluginInstance,
): Provider {
  const { provides, limits } = found.manifest!;
  const invoke: Provider["invoke"] = (method, args, { signal, timeoutMs = Infinity } = {}) =>
    instance.invoke(method, args, { signal, timeoutMs: Math.min(timeoutMs, limits.callTimeoutMs) });
  return { id, methods: new Set(provides[name]!.methods), invoke: guardCalls(guards.get(name), invoke) };
}
