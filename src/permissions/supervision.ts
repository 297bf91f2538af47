/**
 * Decides, check by check, what a supervised plugin may do. Deno ignores its
 * flags then, so that the answer given here is all there is.
 *
 * @module
 */

import { type DenoRequest, readDenoRequest } from "./deno_request.ts";
import {
  covers,
  createPermissionSet,
  intersect,
  listPermissions,
  type Permission,
  type PermissionSet,
} from "./permission_set.ts";

/** What came of a check. */
export interface Verdict {
  /** Whether the plugin may. */
  readonly allowed: boolean;
  /** Kind of permission, by Deno's name. */
  readonly kind: string;
  /** What was checked, canonical where that is known; undefined for everything of its kind. */
  readonly value: string | undefined;
  /** Why it was denied, for the administrator. */
  readonly because?: string;
  /** What the plugin is told in place of Deno's own words. */
  readonly message?: string;
}

/** Decides about the checks of one plugin. */
export interface Supervisor {
  /** Decides about one check; called for each, and expected to return at once. */
  decide(request: DenoRequest): Verdict;
}

/** What is decided by. */
export interface SupervisionOptions {
  /** What the plugin may reach besides its own folder. */
  readonly permissions: PermissionSet;
  /** The folder of its code, which it always reads. */
  readonly codeDir: string;
  /** The folder of temporary files of its process. */
  readonly tmpDir: string;
  /** Allows what is not in `permissions`. @default {nothing} */
  readonly allowsBesides?: (permission: Permission) => boolean;
}

/** Why most things are denied. */
const NOT_GRANTED = "it is not granted";

/** Variables from which Deno learns where temporary files go. */
const TMP_NAMES = ["TMPDIR", "TMP", "TEMP"];

/** The permissions of one supervised plugin, which can be narrowed while it runs. */
export class Supervision implements Supervisor {
  readonly #codeDir: PermissionSet;
  readonly #tmpDir: string | undefined;
  readonly #allowsBesides: (permission: Permission) => boolean;
  readonly #revocations: { readonly before: PermissionSet; readonly reason: string }[] = [];
  #permissions: PermissionSet;

  /** @param options What is decided by. */
  constructor({ permissions, codeDir, tmpDir, allowsBesides = () => false }: SupervisionOptions) {
    this.#permissions = permissions;
    this.#codeDir = createPermissionSet([{ kind: "read", value: codeDir }]);
    this.#allowsBesides = allowsBesides;
    // Whoever may set them moves the folder; Deno does not say where to.
    const canMove = TMP_NAMES.some((value) => this.#allows({ kind: "env", value }));
    this.#tmpDir = canMove ? undefined : tmpDir;
  }

  /** What the plugin may reach now. */
  get permissions(): PermissionSet {
    return this.#permissions;
  }

  /**
   * Takes back whatever the given set does not allow. It holds from the next
   * check on; what is open stays open.
   *
   * @param reason Told to the plugin.
   */
  narrow(permissions: PermissionSet, reason: string): void {
    this.#revocations.push({ before: this.#permissions, reason });
    this.#permissions = intersect(this.#permissions, permissions);
  }

  /** Decides about one check. */
  decide(request: DenoRequest): Verdict {
    const reading = readDenoRequest(request, this.#tmpDir);
    const kind = request.permission;
    if (reading.type === "unknown") {
      return { allowed: false, kind, value: request.value ?? undefined, because: reading.why };
    }
    if (reading.type === "any" && this.#permissions[reading.kind].length > 0) {
      return { allowed: true, kind, value: undefined };
    }
    if (reading.type === "any") return { allowed: false, kind, value: undefined, because: NOT_GRANTED };
    const refused = reading.permissions.find((permission) => !this.#allows(permission));
    const { value } = refused ?? reading.permissions[0]!;
    if (refused === undefined) return { allowed: true, kind, value };
    const revocation = this.#revocations.findLast(({ before }) => covers(before, refused));
    if (revocation === undefined) return { allowed: false, kind, value, because: NOT_GRANTED };
    const because = `it was taken back: ${revocation.reason}`;
    return {
      allowed: false,
      kind,
      value,
      because,
      message: `Requires ${kind} access to ${JSON.stringify(value)}: ${because}`,
    };
  }

  #allows(permission: Permission): boolean {
    return covers(this.#codeDir, permission) || covers(this.#permissions, permission) ||
      this.#allowsBesides(permission);
  }
}

/** Why a plugin cannot be supervised; undefined where it can. */
export function findSupervisionObstacle(
  { mode, permissions, os }: {
    readonly mode: "process" | "worker";
    readonly permissions: PermissionSet;
    readonly os: string;
  },
): string | undefined {
  if (mode === "worker") return "it runs as a worker, and Deno asks a broker for whole processes only";
  if (os === "windows") return "this system has no Unix sockets that Deno would ask over";
  const beyond = [...listPermissions(permissions)].find(({ kind }) => kind === "run" || kind === "ffi");
  if (beyond === undefined) return undefined;
  return `it may use ${beyond.kind} "${beyond.value}", which leaves Deno's permissions`;
}
