/**
 * Bounds on shared resources, whoever uses them.
 *
 * @module
 */

import { CordonError } from "../../errors.ts";

/** A lease ends after this long unless its holder says otherwise. */
export const DEFAULT_LEASE_MS = 30_000;

/** Longest lease, from when it is taken or renewed. */
export const MAX_LEASE_MS = 600_000;

/** A wait fails after this long unless whoever waits says otherwise. */
export const DEFAULT_WAIT_MS = 30_000;

/** Longest wait. */
export const MAX_WAIT_MS = 600_000;

/** Leases and waits of one plugin, open blobs among them. */
export const MAX_HOLDINGS = 256;

/** Who may wait for one resource. */
export const MAX_WAITERS = 1_024;

/** Entries of one cache. */
export const MAX_CACHE_ENTRIES = 65_536;

/** Counters, caches and blobs that are kept while no running plugin declares them. */
export const MAX_FORGOTTEN = 256;

/** Bytes of all caches and blobs of a host. */
export const MAX_SHARED_BYTES: number = 512 * 2 ** 20;

/**
 * A time that a plugin gave.
 *
 * @throws {CordonError} `invalid_input`.
 */
export function checkMs(
  value: unknown,
  { name, least, most }: { readonly name: string; readonly least: number; readonly most: number },
): number {
  if (typeof value === "number" && value >= least && value <= most) return value;
  throw new CordonError(
    "invalid_input",
    `Cannot do that: ${name} is ${typeof value === "number" ? value : "no number"}, not ${least} to ${most}`,
  );
}

/**
 * A whole number that a plugin gave.
 *
 * @throws {CordonError} `invalid_input`.
 */
export function checkWhole(value: unknown, name: string, least: number = Number.MIN_SAFE_INTEGER): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= least) return value;
  const from = least === Number.MIN_SAFE_INTEGER ? "" : ` of ${least} or more`;
  throw new CordonError("invalid_input", `Cannot do that: ${name} is no whole number${from}`);
}
