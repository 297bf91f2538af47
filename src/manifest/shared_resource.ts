/**
 * Things that plugins share, as manifests declare them under `[resources]`.
 *
 * @module
 */

/** What a plugin may do with a counter, a cache or a blob. */
export type ResourceAccess = "read" | "write";

/** A shared thing that a plugin touches. */
export type SharedResource =
  | { readonly kind: "lock" }
  | { readonly kind: "semaphore"; readonly permits: number }
  | { readonly kind: "counter"; readonly access: ResourceAccess }
  | { readonly kind: "cache"; readonly maxBytes: number; readonly access: ResourceAccess }
  | { readonly kind: "blob"; readonly maxBytes: number; readonly access: ResourceAccess };

/** What a shared thing is. */
export type ResourceKind = SharedResource["kind"];

/** Shared things that one manifest may name. */
export const MAX_RESOURCES = 64;

/** Most permits of a semaphore. */
export const MAX_PERMITS = 1_024;

/** Largest sum of the sizes that one manifest names: they are kept in the host's memory. */
export const MAX_RESOURCE_BYTES: number = 256 * 2 ** 20;

/** What all who declare a resource have to agree on, in words: "a semaphore with 3 permits". */
export function describeResource(resource: SharedResource): string {
  switch (resource.kind) {
    case "lock":
    case "counter":
      return `a ${resource.kind}`;
    case "semaphore":
      return `a semaphore with ${resource.permits} ${resource.permits === 1 ? "permit" : "permits"}`;
    case "cache":
    case "blob":
      return `a ${resource.kind} of ${formatExactly(resource.maxBytes)}`;
    default:
      return resource satisfies never;
  }
}

/** Two sizes that differ must not read the same. */
function formatExactly(bytes: number): string {
  if (bytes % 2 ** 20 === 0) return `${bytes / 2 ** 20} MiB`;
  return bytes % 2 ** 10 === 0 ? `${bytes / 2 ** 10} KiB` : `${bytes} bytes`;
}
