/**
 * From what a manifest asks to what is in force: effective = request ∩ grant ∩ ceiling.
 *
 * @module
 */

import type { Problem } from "../errors.ts";
import { parsePermission, type PermissionScope, PermissionValueError } from "./parse.ts";
import {
  covers,
  createPermissionSet,
  intersect,
  listPermissions,
  type Permission,
  type PermissionKind,
  type PermissionSet,
  union,
} from "./permission_set.ts";

/** One entry of a manifest, as far as it matters here. */
export interface PermissionEntry {
  readonly kind: PermissionKind;
  readonly values: readonly string[];
  readonly optional: boolean;
}

/** What a manifest asks for, with its names resolved. */
export interface ResolvedRequest {
  /** What the plugin cannot start without. */
  readonly required: PermissionSet;
  /** What it can do without. */
  readonly optional: PermissionSet;
  /** Variables of required entries that have no value. */
  readonly missingVariables: readonly string[];
  /** Values refused. */
  readonly problems: readonly Problem[];
}

/** Resolves the entries of a manifest; an optional entry without its variable is left out. */
export function resolveRequest(entries: readonly PermissionEntry[], scope: PermissionScope): ResolvedRequest {
  const required: Permission[] = [];
  const optional: Permission[] = [];
  const missing = new Set<string>();
  const problems: Problem[] = [];
  for (const { kind, values, optional: isOptional } of entries) {
    for (const value of values) {
      try {
        (isOptional ? optional : required).push(parsePermission(kind, value, scope));
      } catch (error) {
        if (!(error instanceof PermissionValueError)) throw error;
        if (error.variable === undefined) {
          problems.push({ path: `permissions.${kind}`, message: error.message });
        } else if (!isOptional) missing.add(error.variable);
      }
    }
  }
  return {
    required: createPermissionSet(required),
    optional: createPermissionSet(optional),
    missingVariables: [...missing].sort(),
    problems,
  };
}

/** What is in force, and what of the required is not. */
export interface EffectivePermissions {
  /** What the plugin may reach. */
  readonly permissions: PermissionSet;
  /** Required permissions that the grant does not cover. */
  readonly notGranted: readonly Permission[];
  /** Required permissions that the ceiling does not cover. */
  readonly aboveCeiling: readonly Permission[];
}

/** Cuts a request down to the grant and the ceiling; undefined stands for no bound. */
export function decideEffective(
  request: Pick<ResolvedRequest, "required" | "optional">,
  { grant, ceiling }: { grant: PermissionSet | undefined; ceiling: PermissionSet | undefined },
): EffectivePermissions {
  const uncovered = (bound: PermissionSet | undefined) =>
    bound === undefined
      ? []
      : [...listPermissions(request.required)].filter((permission) => !covers(bound, permission));
  let permissions = union(request.required, request.optional);
  if (grant !== undefined) permissions = intersect(permissions, grant);
  if (ceiling !== undefined) permissions = intersect(permissions, ceiling);
  return { permissions, notGranted: uncovered(grant), aboveCeiling: uncovered(ceiling) };
}
