/**
 * What an administrator decided about plugins, as values: what was granted,
 * for which version, and which versions were refused.
 *
 * @module
 */

import type { PermissionSet } from "./permission_set.ts";

/** What was granted to a plugin. */
export interface Grant {
  /** Plugin id. */
  readonly plugin: string;
  /** The version that was looked at. */
  readonly version: string;
  /** When, as an ISO 8601 date and time. */
  readonly granted: string;
  /** Whether it runs under Deno's permission broker, so that revoking takes effect at once. */
  readonly supervised: boolean;
  /** What it may have; its own folders as `$PLUGIN`, `$DATA` and `$TMP`, everything else resolved. */
  readonly permissions: PermissionSet;
}

/** That a version of a plugin is not to be asked about again. */
export interface Refusal {
  /** Plugin id. */
  readonly plugin: string;
  /** The version that was refused. */
  readonly version: string;
  /** When, as an ISO 8601 date and time. */
  readonly refused: string;
}

/** Every decision of a site. */
export interface Grants {
  /** What was granted, one for a plugin. */
  readonly grants: readonly Grant[];
  /** What was refused. */
  readonly refusals: readonly Refusal[];
}

/** No decision at all. */
export const NO_GRANTS: Grants = { grants: [], refusals: [] };

/** What was granted to a plugin. */
export function findGrant({ grants }: Grants, plugin: string): Grant | undefined {
  return grants.find((grant) => grant.plugin === plugin);
}

/** The refusal of a version. */
export function findRefusal({ refusals }: Grants, plugin: string, version: string): Refusal | undefined {
  return refusals.find((refusal) => refusal.plugin === plugin && refusal.version === version);
}

/** Grants to a plugin, in place of what was granted before. */
export function withGrant({ grants, refusals }: Grants, grant: Grant): Grants {
  return { grants: [...grants.filter(({ plugin }) => plugin !== grant.plugin), grant], refusals };
}

/** Forgets that versions of a plugin were refused. */
export function withoutRefusals({ grants, refusals }: Grants, id: string): Grants {
  return { grants, refusals: refusals.filter(({ plugin }) => plugin !== id) };
}

/** Takes back everything that was granted to a plugin. */
export function withoutGrant({ grants, refusals }: Grants, id: string): Grants {
  return { grants: grants.filter(({ plugin }) => plugin !== id), refusals };
}

/** Refuses a version; what was granted to another stays. */
export function withRefusal({ grants, refusals }: Grants, refusal: Refusal): Grants {
  const { plugin, version } = refusal;
  const others = refusals.filter((other) => other.plugin !== plugin || other.version !== version);
  return { grants, refusals: [...others, refusal] };
}
