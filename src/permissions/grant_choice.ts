/**
 * What an administrator chooses of a request to grant, or of a grant to take
 * back. Nothing can be granted that was not asked for.
 *
 * @module
 */

import { CordonError } from "../errors.ts";
import type { ResolvedRequest } from "./effective.ts";
import { parsePermission, type PermissionScope, PermissionValueError } from "./parse.ts";
import {
  covers,
  createPermissionSet,
  listPermissions,
  NO_PERMISSIONS,
  type Permission,
  PERMISSION_KINDS,
  type PermissionSet,
  union,
} from "./permission_set.ts";

/** What to grant. */
export interface GrantChoice {
  /** Everything asked for, or what the plugin cannot start without. @default {"required", unless `only` is given} */
  readonly scope?: "all" | "required";
  /** Single values besides, as `net:api.test:443`: as the manifest writes them, or what they stand for. */
  readonly only?: readonly string[];
  /** Whether the plugin shall run under Deno's permission broker. @default {as before} */
  readonly supervise?: boolean;
}

/**
 * The permissions that a choice grants.
 *
 * @param request What the plugin asks for.
 * @param scope What names in single values stand for.
 * @throws {CordonError} `invalid_input` for a value that is not asked for.
 */
export function chooseGranted(
  request: Pick<ResolvedRequest, "required" | "optional">,
  scope: PermissionScope,
  { scope: extent, only = [] }: GrantChoice,
): PermissionSet {
  const requested = union(request.required, request.optional);
  const values = only.map((text) => readValue(text, scope));
  for (const permission of values) {
    if (covers(requested, permission)) continue;
    throw new CordonError(
      "invalid_input",
      `Cannot grant ${permission.kind} "${permission.value}": the plugin does not ask for it`,
      { hint: "Nothing is granted that was not asked for; see what is: cordon permissions" },
    );
  }
  const base = extent === "all"
    ? requested
    : extent === "required" || only.length === 0
    ? request.required
    : NO_PERMISSIONS;
  return union(base, createPermissionSet(values));
}

/**
 * What stays of a grant when single values are taken back.
 *
 * @throws {CordonError} `invalid_input` for a value that was not granted, or lies within one that was.
 */
export function takeBack(
  granted: PermissionSet,
  scope: PermissionScope,
  only: readonly string[],
): PermissionSet {
  const held = [...listPermissions(granted)];
  // A link may lead elsewhere by now: what was granted goes by the name it had then.
  const literal = { ...scope, realPath: (path: string) => path };
  const revoked = only.flatMap((text) => {
    const names = [readValue(text, literal), readValue(text, scope)];
    const found = names.filter((name) => held.some((one) => covers(createPermissionSet([name]), one)));
    if (found.length === 0) throw notGranted(names[1]!, held);
    return found;
  });
  const gone = createPermissionSet(revoked);
  return createPermissionSet(held.filter((permission) => !covers(gone, permission)));
}

function notGranted({ kind, value }: Permission, held: readonly Permission[]): CordonError {
  const around = held.find((one) => covers(createPermissionSet([one]), { kind, value }));
  return new CordonError(
    "invalid_input",
    `Cannot take back ${kind} "${value}": ${
      around === undefined ? "it was not granted" : `what was granted is ${kind} "${around.value}"`
    }`,
    { hint: around === undefined ? "See what was: cordon permissions" : "Take back that, then grant less" },
  );
}

function readValue(text: string, scope: PermissionScope): Permission {
  const colon = text.indexOf(":");
  const kind = PERMISSION_KINDS.find((kind) => kind === text.slice(0, colon));
  if (kind === undefined) {
    throw new CordonError(
      "invalid_input",
      `Cannot read "${text}": expected a kind of permission, a colon and a value`,
      { hint: "For example --only net:api.example.org:443" },
    );
  }
  try {
    return parsePermission(kind, text.slice(colon + 1), scope);
  } catch (cause) {
    if (!(cause instanceof PermissionValueError)) throw cause;
    throw new CordonError("invalid_input", `Cannot read "${text}": ${cause.message}`, { cause });
  }
}
