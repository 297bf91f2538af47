/**
 * What came of each value that a manifest asks for, and why: for people who
 * decide about it.
 *
 * @module
 */

import type { PermissionEntry } from "./effective.ts";
import {
  isPathKind,
  listVariables,
  parsePermission,
  type PermissionScope,
  PermissionValueError,
} from "./parse.ts";
import {
  covers,
  createPermissionSet,
  intersect,
  listPermissions,
  type Permission,
  type PermissionKind,
  type PermissionSet,
} from "./permission_set.ts";

/**
 * `allowed`: nothing stands against it; `not_granted`: nobody granted it;
 * `above_ceiling`: the site does not allow it to any plugin; `protected`: it
 * would open Cordon's own data; `no_value`: it names a variable that has no
 * value; `refused`: what it stands for is never granted.
 */
export type RequestOutcome =
  | "allowed"
  | "not_granted"
  | "above_ceiling"
  | "protected"
  | "no_value"
  | "refused";

/** One value that a manifest asks for, and what came of it. */
export interface RequestVerdict {
  /** Kind of permission. */
  readonly kind: PermissionKind;
  /** The value as the manifest writes it. */
  readonly text: string;
  /** The value that it stands for here. */
  readonly value: string | undefined;
  /** An ordinary value that the exposure score takes for it while a variable has none. */
  readonly assumed: string | undefined;
  /** What the author says it is for. */
  readonly reason: string | undefined;
  /** Whether the plugin starts without it. */
  readonly optional: boolean;
  /** What came of it. */
  readonly outcome: RequestOutcome;
  /** Why it is not allowed. */
  readonly because: string | undefined;
  /** What of it is allowed: itself, something narrower, or nothing. */
  readonly allowed: readonly string[];
}

/** What decides. */
export interface RequestBounds {
  /** What names in values stand for. */
  readonly scope: PermissionScope;
  /** What was granted; undefined stands for everything. */
  readonly grant: PermissionSet | undefined;
  /** What any plugin may have at most; undefined stands for everything. */
  readonly ceiling: PermissionSet | undefined;
  /** Whether a permission would open Cordon's own data. */
  readonly isProtected: (permission: Permission) => boolean;
}

type Entry = PermissionEntry & { readonly reason: string | undefined };
type Decision = Pick<RequestVerdict, "outcome" | "because" | "allowed">;

/** Judges each value of a manifest's entries by itself. */
export function judgeRequests(entries: readonly Entry[], bounds: RequestBounds): RequestVerdict[] {
  return entries.flatMap(({ kind, values, reason, optional }) =>
    values.map((text) => ({ kind, text, reason, optional, ...judge(kind, text, bounds) }))
  );
}

/** Everything that is asked for, with ordinary values for variables that have none. */
export function requestedPermissions(requests: readonly RequestVerdict[]): PermissionSet {
  return createPermissionSet(requests.flatMap(({ kind, value, assumed }) => {
    const known = value ?? assumed;
    return known === undefined ? [] : [{ kind, value: known }];
  }));
}

function judge(
  kind: PermissionKind,
  text: string,
  bounds: RequestBounds,
): Decision & Pick<RequestVerdict, "value" | "assumed"> {
  try {
    const permission = parsePermission(kind, text, bounds.scope);
    return { value: permission.value, assumed: undefined, ...decide(permission, bounds) };
  } catch (error) {
    if (!(error instanceof PermissionValueError)) throw error;
    const outcome = error.variable === undefined ? "refused" : "no_value";
    const assumed = error.variable === undefined ? undefined : assume(kind, text, bounds.scope);
    return { value: undefined, assumed, outcome, because: error.message, allowed: [] };
  }
}

function decide(permission: Permission, { grant, ceiling, isProtected }: RequestBounds): Decision {
  let allowed = createPermissionSet([permission]);
  if (grant !== undefined) allowed = intersect(allowed, grant);
  if (ceiling !== undefined) allowed = intersect(allowed, ceiling);
  const refuse = (outcome: RequestOutcome, because: string) => ({
    outcome,
    because,
    allowed: [...listPermissions(allowed)].map(({ value }) => value),
  });
  if (isProtected(permission)) {
    return { ...refuse("protected", "it would open Cordon's own data"), allowed: [] };
  }
  if (ceiling !== undefined && !covers(ceiling, permission)) {
    return refuse("above_ceiling", "the policy of this site forbids it");
  }
  if (grant !== undefined && !covers(grant, permission)) return refuse("not_granted", "nobody granted it");
  return { outcome: "allowed", because: undefined, allowed: [permission.value] };
}

/** An ordinary value of this kind: a folder, a host, a port or a name that stands out in no way. */
function assume(kind: PermissionKind, text: string, scope: PermissionScope): string | undefined {
  const missing = listVariables(text).map(({ name }) => name).filter((name) =>
    !Object.hasOwn(scope.vars, name)
  );
  const candidates = isPathKind(kind) || kind === "run"
    ? [(name: string) => `/variable/${name}`]
    : [() => "1", (name: string) => `${name.replaceAll("_", "-")}.variable.invalid`, (name: string) => name];
  for (const toValue of candidates) {
    const vars = { ...scope.vars, ...Object.fromEntries(missing.map((name) => [name, toValue(name)])) };
    try {
      return parsePermission(kind, text, { ...scope, vars }).value;
    } catch (error) {
      if (!(error instanceof PermissionValueError)) throw error;
    }
  }
  return undefined;
}
