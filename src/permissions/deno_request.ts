/**
 * What Deno asks its permission broker, as single permissions. Deno hands over
 * what it would show to people: paths as the program wrote them, hosts, names,
 * and for some checks nothing at all. What cannot be told for sure is denied.
 *
 * @module
 */

import { parseHost, PermissionValueError } from "./parse.ts";
import { type Permission, PERMISSION_KINDS, type PermissionKind } from "./permission_set.ts";

/** One check of Deno's, as it arrives. */
export interface DenoRequest {
  /** Kind of permission, by Deno's name. */
  readonly permission: string;
  /** Its value; null for a check of everything of its kind. */
  readonly value: string | null;
  /** The working folder of the process; undefined where that cannot be known. */
  readonly workingDir: () => string | undefined;
}

/** The permissions that a check takes, all of them; one of a kind, whichever; or why that cannot be told. */
export type RequestReading =
  | { readonly type: "known"; readonly permissions: readonly Permission[] }
  | { readonly type: "any"; readonly kind: PermissionKind }
  | { readonly type: "unknown"; readonly why: string };

/** Deno's word for the folder of temporary files; a file may have that name, too. */
const TEMPORARY = "<TMP>";

/** A name in place of a path. */
const BLIND = /^<.*>$/s;

/** Stands in for text that was not Unicode: which text that was, nobody can tell. */
const REPLACEMENT = "\ufffd";

/**
 * Reads a check.
 *
 * @param request The check.
 * @param tmpDir Folder of temporary files, if the process cannot have changed it.
 */
export function readDenoRequest(request: DenoRequest, tmpDir: string | undefined): RequestReading {
  const { value } = request;
  if (request.permission === "import") return unknown("modules are never loaded from elsewhere");
  const kind = PERMISSION_KINDS.find((kind) => kind === request.permission);
  if (kind === undefined) return unknown("this kind of permission is not known");
  // Pointers belong to no library. A program is asked for in two steps: all of them, then that one.
  if (kind === "ffi" && value === null) return { type: "any", kind };
  if (value === null) return unknown("everything of its kind was asked for at once");
  if (value === "" || value.includes("\0") || value.includes(REPLACEMENT)) {
    return unknown("its value cannot be told for sure");
  }
  switch (kind) {
    case "run":
      // Where a name leads, Deno does not say.
      return value.startsWith("/") ? known({ kind, value }) : unknown("its program cannot be told for sure");
    case "read":
    case "write":
    case "ffi":
      return readPath(kind, value, request, tmpDir);
    case "net":
      return readHost(value);
    case "env":
    case "sys":
      return known({ kind, value });
    default:
      return kind satisfies never;
  }
}

function readPath(
  kind: PermissionKind,
  value: string,
  { workingDir }: DenoRequest,
  tmpDir: string | undefined,
): RequestReading {
  if (value.startsWith("/")) return known({ kind, value: normalize(value) });
  const base = workingDir();
  if (base === undefined || !base.startsWith("/")) return unknown("the working folder is not known");
  const file: Permission = { kind, value: normalize(`${base}/${value}`) };
  if (!BLIND.test(value)) return known(file);
  // Both that folder and a file of that name may be meant.
  if (value !== TEMPORARY || tmpDir === undefined) return unknown("its value cannot be told for sure");
  return known({ kind, value: tmpDir }, file);
}

function readHost(value: string): RequestReading {
  try {
    return known({ kind: "net", value: parseHost(value) });
  } catch (error) {
    if (!(error instanceof PermissionValueError)) throw error;
    return unknown(error.message);
  }
}

/** As Deno does it: without looking at the disk. */
function normalize(path: string): string {
  const names: string[] = [];
  for (const name of path.split("/")) {
    if (name === "..") names.pop();
    else if (name !== "" && name !== ".") names.push(name);
  }
  return `/${names.join("/")}`;
}

function known(...permissions: Permission[]): RequestReading {
  return { type: "known", permissions };
}

function unknown(why: string): RequestReading {
  return { type: "unknown", why };
}
