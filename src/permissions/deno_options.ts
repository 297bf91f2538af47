/**
 * Renders a permission set to what Deno takes: the one place where values
 * become flags, or the options of a worker.
 *
 * @module
 */

import { PERMISSION_KINDS, type PermissionKind, type PermissionSet } from "./permission_set.ts";

/** The `permissions` of a worker. */
export type WorkerPermissions = Readonly<Record<PermissionKind | "import", string[] | false>>;

/**
 * The permission flags of a sandbox. A kind without values gets no flag at
 * all, since a bare flag would allow everything; `import` is always denied,
 * `run` and `ffi` are denied unless granted.
 *
 * @throws {RangeError} If a value could be read as more than one.
 */
export function renderPermissionFlags(set: PermissionSet): string[] {
  const flags = ["--deny-import"];
  for (const kind of PERMISSION_KINDS) {
    const values = set[kind];
    for (const value of values) assertRenderable(kind, value);
    if (values.length > 0) flags.push(`--allow-${kind}=${values.join(",")}`);
    else if (kind === "run" || kind === "ffi") flags.push(`--deny-${kind}`);
  }
  return flags;
}

/**
 * The `permissions` of a worker: the same as the flags, kind by kind. What is
 * not granted is false, so that nothing is taken over from the host.
 *
 * @throws {RangeError} If a value could be read as more than one.
 */
export function renderWorkerPermissions(set: PermissionSet): WorkerPermissions {
  const lists = PERMISSION_KINDS.map((kind) => {
    for (const value of set[kind]) assertRenderable(kind, value);
    return [kind, set[kind].length > 0 && [...set[kind]]];
  });
  return { ...Object.fromEntries(lists), import: false };
}

/** Values were checked when they were parsed; here the last door is closed again. */
function assertRenderable(kind: string, value: string): void {
  const isSingle = value !== "" && value === value.trim() && value.isWellFormed() &&
    // deno-lint-ignore no-control-regex -- control characters are what this finds
    !/[,*\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(value);
  if (!isSingle) {
    throw new RangeError(`Cannot render --allow-${kind}: ${JSON.stringify(value)} is no single value`);
  }
}
