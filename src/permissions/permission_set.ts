/**
 * Permissions as values. A set holds canonical strings by kind; what they mean
 * is decided here once: a path covers what lies beneath it, everything else
 * covers only itself. Flags are rendered from a set at the very end
 * (`deno_options.ts`).
 *
 * @module
 */

/** A kind of permission that a plugin may ask for; `import` is never granted. */
export type PermissionKind = "net" | "read" | "write" | "env" | "sys" | "run" | "ffi";

/** The kinds, in the order in which they are shown. */
export const PERMISSION_KINDS: readonly PermissionKind[] = [
  "net",
  "read",
  "write",
  "env",
  "sys",
  "run",
  "ffi",
];

/**
 * What a plugin may reach, by kind: `net` holds `host:port`, `read`, `write`
 * and `ffi` absolute paths, `run` absolute programs, `env` and `sys` names.
 * Each list is sorted and holds nothing that another entry covers.
 */
export type PermissionSet = Readonly<Record<PermissionKind, readonly string[]>>;

/** One kind of permission with one value. */
export interface Permission {
  /** Kind of permission. */
  readonly kind: PermissionKind;
  /** Canonical value. */
  readonly value: string;
}

/** How one set differs from an earlier one. */
export interface PermissionDiff {
  /** Values that the earlier set did not cover. */
  readonly widened: readonly Permission[];
  /** Values of the earlier set that are no longer covered. */
  readonly narrowed: readonly Permission[];
  /** Values that both cover. */
  readonly unchanged: readonly Permission[];
}

/** Nothing at all. */
export const NO_PERMISSIONS: PermissionSet = createPermissionSet([]);

/** Makes a set of single permissions; values must be canonical. */
export function createPermissionSet(permissions: Iterable<Permission>): PermissionSet {
  const lists = Object.fromEntries(PERMISSION_KINDS.map((kind) => [kind, [] as string[]]));
  for (const { kind, value } of permissions) lists[kind]!.push(value);
  return Object.fromEntries(
    PERMISSION_KINDS.map((kind) => [kind, reduce(kind, lists[kind]!)]),
  ) as PermissionSet;
}

/** The single permissions of a set, by kind, then value. */
export function* listPermissions(set: PermissionSet): Generator<Permission, void, undefined> {
  for (const kind of PERMISSION_KINDS) {
    for (const value of set[kind]) yield { kind, value };
  }
}

/** Whether a set asks for nothing. */
export function isEmpty(set: PermissionSet): boolean {
  return PERMISSION_KINDS.every((kind) => set[kind].length === 0);
}

/** What either set allows. */
export function union(left: PermissionSet, right: PermissionSet): PermissionSet {
  return createPermissionSet([...listPermissions(left), ...listPermissions(right)]);
}

/** What both sets allow. */
export function intersect(left: PermissionSet, right: PermissionSet): PermissionSet {
  return createPermissionSet([
    ...[...listPermissions(left)].filter((permission) => covers(right, permission)),
    ...[...listPermissions(right)].filter((permission) => covers(left, permission)),
  ]);
}

/** Whether a set allows one permission. */
export function covers(set: PermissionSet, { kind, value }: Permission): boolean {
  return set[kind].some((held) => valueCovers(kind, held, value));
}

/** Whether the first set allows everything that the second does. */
export function coversAll(left: PermissionSet, right: PermissionSet): boolean {
  return [...listPermissions(right)].every((permission) => covers(left, permission));
}

/** How `next` differs from `previous`. */
export function diff(previous: PermissionSet, next: PermissionSet): PermissionDiff {
  const after = [...listPermissions(next)];
  return {
    widened: after.filter((permission) => !covers(previous, permission)),
    narrowed: [...listPermissions(previous)].filter((permission) => !covers(next, permission)),
    unchanged: after.filter((permission) => covers(previous, permission)),
  };
}

function valueCovers(kind: PermissionKind, held: string, wanted: string): boolean {
  if (held === wanted) return true;
  return (kind === "read" || kind === "write" || kind === "ffi") && isInside(wanted, held);
}

/** Whether the absolute path `inner` lies beneath `outer`. */
export function isInside(inner: string, outer: string): boolean {
  // A backslash is part of a name unless the path begins with a drive.
  const separator = outer.startsWith("/") ? "/" : "\\";
  return inner.startsWith(outer.endsWith(separator) ? outer : outer + separator);
}

/** Sorts, and drops what another value covers. */
function reduce(kind: PermissionKind, values: readonly string[]): readonly string[] {
  const unique = [...new Set(values)].sort();
  return unique.filter((value) =>
    !unique.some((other) => other !== value && valueCovers(kind, other, value))
  );
}
