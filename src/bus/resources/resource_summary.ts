/**
 * A shared thing as the outside sees it: who holds what, and who waits.
 *
 * @module
 */

import type { ResourceKind, SharedResource } from "../../manifest/shared_resource.ts";
import type { SharedBlob } from "./blob.ts";
import type { SharedCache } from "./cache.ts";
import type { SharedCounter } from "./counter.ts";
import type { Lease } from "./lease.ts";
import type { Semaphore } from "./semaphore.ts";

/** Who holds a shared thing. */
export interface ResourceHolder {
  /** Plugin id. */
  readonly id: string;
  /** Which of the plugin's instances, counted by the host. */
  readonly instance: number;
  /** Permits that it has; 1 for whoever reads or writes a blob. */
  readonly permits: number;
  /** Since when. */
  readonly since: string;
  /** Milliseconds until that ends by itself. */
  readonly remainingMs: number;
  /** The lease's number, higher than those before it. */
  readonly token: number;
}

/** Who waits for a shared thing. */
export interface ResourceWaiter {
  /** Plugin id. */
  readonly id: string;
  /** Which of the plugin's instances, counted by the host. */
  readonly instance: number;
  /** Permits that it wants. */
  readonly permits: number;
  /** Since when. */
  readonly since: string;
}

/** A shared thing. */
export interface ResourceSummary {
  /** Its name. */
  readonly name: string;
  /** What it is. */
  readonly kind: ResourceKind;
  /** Ids of the running plugins that declare it. */
  readonly users: readonly string[];
  /** Who holds it, oldest first; of a blob, who reads or writes it. */
  readonly holders: readonly ResourceHolder[];
  /** Who waits for it, in the order in which they are served. */
  readonly waiters: readonly ResourceWaiter[];
  /** Permits, of a lock or semaphore. */
  readonly permits?: number;
  /** Of a counter. */
  readonly value?: number;
  /** Values in a cache. */
  readonly entries?: number;
  /** Bytes that a cache or blob takes. */
  readonly bytes?: number;
  /** Bytes that a cache or a version of a blob may have. */
  readonly maxBytes?: number;
  /** Version of a blob; 0 before the first. */
  readonly version?: number;
  /** SHA-256 of that version, in hexadecimal. */
  readonly digest?: string;
}

/** What a kind of thing has to show for itself. */
export type ResourceFigures = Omit<ResourceSummary, "name" | "kind" | "users">;

const NOBODY = { holders: [], waiters: [] };

/** Shows what is declared and was not used. */
export function showUnused(resource: SharedResource): ResourceFigures {
  switch (resource.kind) {
    case "lock":
      return { ...NOBODY, permits: 1 };
    case "semaphore":
      return { ...NOBODY, permits: resource.permits };
    case "counter":
      return { ...NOBODY, value: 0 };
    case "cache":
      return { ...NOBODY, entries: 0, bytes: 0, maxBytes: resource.maxBytes };
    case "blob":
      return { ...NOBODY, bytes: 0, maxBytes: resource.maxBytes, version: 0 };
    default:
      return resource satisfies never;
  }
}

/** Shows a lock or semaphore. */
export function showSemaphore({ leases, waits, permits }: Semaphore): ResourceFigures {
  return {
    holders: [...leases].map(showHolder),
    waiters: [...waits].map(({ owner, permits, since }) => ({
      id: owner.id,
      instance: owner.instance,
      permits,
      since: new Date(since).toISOString(),
    })),
    permits,
  };
}

/** Shows a counter. */
export function showCounter({ value }: SharedCounter): ResourceFigures {
  return { ...NOBODY, value };
}

/** Shows a cache. */
export function showCache({ size, bytes, maxBytes }: SharedCache): ResourceFigures {
  return { ...NOBODY, entries: size, bytes, maxBytes };
}

/** Shows a blob. */
export function showBlob({ leases, bytes, maxBytes, current }: SharedBlob): ResourceFigures {
  return {
    holders: [...leases].map(showHolder),
    waiters: [],
    bytes,
    maxBytes,
    version: current?.version ?? 0,
    ...(current === undefined ? {} : { digest: current.digest }),
  };
}

function showHolder({ owner, permits, since, remainingMs, token }: Lease): ResourceHolder {
  return {
    id: owner.id,
    instance: owner.instance,
    permits,
    since: new Date(since).toISOString(),
    remainingMs: Math.round(remainingMs),
    token,
  };
}
