/**
 * A capability as the manifest of its provider describes it.
 *
 * @module
 */

import type { Provider } from "../../bus/provider.ts";
import type { Manifest } from "../../manifest/manifest.ts";

/** What a manifest says of a capability that its plugin provides, as it is offered. */
export function describeProvided(
  { id, provides }: Pick<Manifest, "id" | "provides">,
  name: string,
): Pick<Provider, "id" | "version" | "methods" | "idempotent"> {
  const { version, methods, idempotent = [] } = provides[name]!;
  return { id, version, methods: new Set(methods), idempotent: new Set(idempotent) };
}
