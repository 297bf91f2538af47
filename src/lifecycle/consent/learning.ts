/**
 * Learning what a plugin needs: it runs under supervision, everything that it
 * uses is kept, and the smallest manifest that allows it is proposed.
 *
 * @module
 */

import { CordonError } from "../../errors.ts";
import { pause } from "../../internal/pause.ts";
import type { Manifest } from "../../manifest/manifest.ts";
import type { DenoRequest } from "../../permissions/deno_request.ts";
import { parsePermission, type PermissionScope, PermissionValueError } from "../../permissions/parse.ts";
import {
  covers,
  createPermissionSet,
  listPermissions,
  NO_PERMISSIONS,
  type Permission,
  type PermissionKind,
  type PermissionSet,
  union,
} from "../../permissions/permission_set.ts";
import { type Proposal, proposePermissions } from "../../permissions/proposal.ts";
import { type PermissionUse, UseLog } from "../../permissions/permission_use.ts";
import {
  findSupervisionObstacle,
  Supervision,
  type Supervisor,
  type Verdict,
} from "../../permissions/supervision.ts";

/** Without a new check for so long a plugin has settled. */
const SETTLE_MS = 500;

/** Longest wait for that. */
const MAX_SETTLE_MS = 10_000;

/** What is learned about. */
export interface LearningOptions {
  /** The plugin. */
  readonly id: string;
  /** What any plugin may have at most; undefined stands for no bound. */
  readonly ceiling: PermissionSet | undefined;
  /** What the plugin may try beyond its manifest, as a manifest writes it. @default {nothing} */
  readonly within?: readonly { readonly kind: PermissionKind; readonly text: string }[];
  /** Whether it may try everything that the ceiling allows; there has to be one. @default {false} */
  readonly allowUndeclared?: boolean;
}

/** The plugin, once it is about to start. */
export interface LearningSubject {
  readonly manifest: Manifest;
  /** What it may reach. */
  readonly permissions: PermissionSet;
  /** What names in its manifest stand for. */
  readonly scope: PermissionScope;
  /** The folder its code runs from. */
  readonly codeDir: string;
  /** Operating system, by Deno's name. */
  readonly os: string;
  /** Whether a permission would open Cordon's own data. */
  readonly isProtected: (permission: Permission) => boolean;
}

/** What was learned. */
export interface Learned extends Proposal {
  /** What was used, in the order of its first use. */
  readonly uses: readonly PermissionUse[];
  /** Whether the manifest asks for exactly what was used. */
  readonly isExact: boolean;
  /** Whether more was used than could be kept: the proposal lacks something then. */
  readonly isCut: boolean;
}

/** Watches one plugin, from before its start to after its end. */
export class Learning implements Supervisor {
  readonly #options: LearningOptions;
  readonly #log = new UseLog();
  #subject: LearningSubject | undefined;
  #supervision: Supervision | undefined;

  /**
   * @param options What is learned about.
   * @throws {CordonError} `policy` if everything is to be tried and nothing bounds that.
   */
  constructor(options: LearningOptions) {
    this.#options = options;
    if (options.allowUndeclared && options.ceiling === undefined) {
      throw new CordonError(
        "policy",
        `Cannot let "${options.id}" try what its manifest does not name: no ceiling bounds that`,
        { hint: "Set a ceiling for this site, or name what it may try: --within read=/srv/docs" },
      );
    }
  }

  /** Id of the plugin. */
  get id(): string {
    return this.#options.id;
  }

  /** How many checks there were. */
  get checks(): number {
    return this.#log.checks;
  }

  /**
   * Begins to watch.
   *
   * @returns Everything that the plugin may reach while it is watched.
   * @throws {CordonError} `not_supervisable`, or `usage` for a bound that stands for nothing.
   */
  begin(subject: LearningSubject): PermissionSet {
    const { manifest, scope, codeDir, os, permissions } = subject;
    const obstacle = findSupervisionObstacle({ mode: manifest.run.mode, permissions: NO_PERMISSIONS, os });
    if (obstacle !== undefined) {
      throw new CordonError("not_supervisable", `Cannot learn what "${manifest.id}" needs: ${obstacle}`);
    }
    const besides = this.#readBesides(scope);
    this.#subject = subject;
    this.#supervision = new Supervision({
      permissions,
      codeDir,
      tmpDir: scope.tmpDir,
      allowsBesides: (permission) => covers(besides, permission) && !subject.isProtected(permission),
    });
    return union(permissions, besides);
  }

  /** Decides about one check, and keeps it. */
  decide(request: DenoRequest): Verdict {
    const verdict = this.#supervision!.decide(request);
    this.#log.add(verdict);
    return verdict;
  }

  /** Waits until the plugin has asked for nothing for a while. */
  async settle({ signal }: { readonly signal?: AbortSignal } = {}): Promise<void> {
    const deadline = performance.now() + MAX_SETTLE_MS;
    for (let before = -1; before !== this.checks && performance.now() < deadline && !signal?.aborted;) {
      before = this.checks;
      await pause(SETTLE_MS, signal);
    }
  }

  /**
   * What the plugin should ask for, by what it used.
   *
   * @returns Undefined if it never got as far as starting.
   */
  propose(): Learned | undefined {
    if (this.#subject === undefined) return undefined;
    const { manifest, scope, codeDir, isProtected } = this.#subject;
    const uses = this.#log.list();
    const proposal = proposePermissions({ entries: manifest.permissions, uses, scope, codeDir, isProtected });
    const isExact = proposal.added.length === 0 && proposal.unused.length === 0;
    return { ...proposal, uses, isExact, isCut: this.#log.isFull };
  }

  /** What it may try beyond its manifest: never a program, never native code. */
  #readBesides(scope: PermissionScope): PermissionSet {
    const { ceiling, within = [], allowUndeclared } = this.#options;
    if (allowUndeclared) return withoutPrograms(ceiling ?? NO_PERMISSIONS);
    const named = within.map(({ kind, text }) => {
      try {
        return parsePermission(kind, text, scope);
      } catch (cause) {
        if (!(cause instanceof PermissionValueError)) throw cause;
        throw new CordonError("usage", `Cannot read --within "${kind}=${text}": ${cause.message}`, { cause });
      }
    });
    const allowed = named.filter((permission) => ceiling === undefined || covers(ceiling, permission));
    return withoutPrograms(createPermissionSet(allowed));
  }
}

function withoutPrograms(set: PermissionSet): PermissionSet {
  return createPermissionSet(
    [...listPermissions(set)].filter(({ kind }) => kind !== "run" && kind !== "ffi"),
  );
}
