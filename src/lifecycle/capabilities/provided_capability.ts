/**
 * A capability as the manifest of its provider describes it.
 *
 * @module
 */

import type { Provider } from "../../bus/provider.ts";
import type { Manifest } from "../../manifest/manifest.ts";
import type { CallLink } from "../call_link.ts";
import type { PluginInstance } from "../instance.ts";

/** What a manifest says of a capability that its plugin provides, as it is offered. */
export function describeProvided(
  { id, provides }: Pick<Manifest, "id" | "provides">,
  name: string,
): Pick<Provider, "id" | "version" | "methods" | "idempotent"> {
  const { version, methods, idempotent = [] } = provides[name]!;
  return { id, version, methods: new Set(methods), idempotent: new Set(idempotent) };
}

/** A plugin that runs, as the provider of a capability. */
export function provideBy(
  instance: PluginInstance,
  manifest: Pick<Manifest, "id" | "provides" | "limits">,
  name: string,
): Provider {
  return {
    ...describeProvided(manifest, name),
    invoke: (method, args, { parent, timeoutMs = Infinity, ...options } = {}) =>
      instance.invoke(method, args, {
        ...options,
        capability: name,
        parent: parent as CallLink | undefined,
        timeoutMs: Math.min(timeoutMs, manifest.limits.callTimeoutMs),
      }),
  };
}
