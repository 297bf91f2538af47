/**
 * From what a plugin used to the smallest manifest that allows it. Each value
 * is there by a rule that is told with it.
 *
 * @module
 */

import type { PermissionEntry } from "./effective.ts";
import { isPathKind, parsePermission, type PermissionScope, PermissionValueError } from "./parse.ts";
import {
  covers,
  createPermissionSet,
  isInside,
  type Permission,
  type PermissionKind,
} from "./permission_set.ts";
import type { PermissionUse } from "./permission_use.ts";

/** Files of one folder from which on the folder stands for them. */
const FILES_OF_FOLDER = 3;

/** Names that a folder needs at least to stand for its files: `/etc` is too wide a guess. */
const MIN_DEPTH = 2;

/**
 * Why a value is proposed. `declared`: the manifest has it and it covers what was used; `unjudged`:
 * the manifest has it and its variable has no value; `variable`: it covers what lies beneath a variable's
 * value; `place`: it is one of `$DATA`, `$TMP`, `$PLUGIN`; `folder`: several files of it were used;
 * `exact`: just that was used.
 */
export type ProposalRule = "declared" | "unjudged" | "variable" | "place" | "folder" | "exact";

/** A value for the manifest. */
export interface ProposedValue {
  /** Kind of permission. */
  readonly kind: PermissionKind;
  /** The value as a manifest writes it. */
  readonly text: string;
  /** By which rule. */
  readonly rule: ProposalRule;
  /** How many checks it is for. */
  readonly checks: number;
}

/** Something used that no manifest can ask for. */
export interface ImpossibleUse extends Pick<PermissionUse, "kind" | "value"> {
  /** Why. */
  readonly because: string;
  /** How many checks. */
  readonly checks: number;
}

/** What a manifest should ask for. */
export interface Proposal {
  /** Values that the manifest has and needs. */
  readonly kept: readonly ProposedValue[];
  /** Values used that it does not have. */
  readonly added: readonly ProposedValue[];
  /** Values that it has and that nothing needed. */
  readonly unused: readonly Pick<ProposedValue, "kind" | "text">[];
  /** What was used and cannot be had. */
  readonly impossible: readonly ImpossibleUse[];
}

/** What a proposal is made from. */
export interface ProposalFacts {
  /** What the manifest asks for. */
  readonly entries: readonly PermissionEntry[];
  /** What was used. */
  readonly uses: readonly PermissionUse[];
  /** What names in values stand for. */
  readonly scope: PermissionScope;
  /** The folder that the code ran from. */
  readonly codeDir: string;
  /** Whether a permission would open Cordon's own data. */
  readonly isProtected: (permission: Permission) => boolean;
}

interface Use extends Permission {
  readonly checks: number;
}

interface Candidate extends ProposedValue {
  /** What it stands for. */
  readonly permission: Permission;
}

/** Proposes the smallest manifest that allows what was used. */
export function proposePermissions(facts: ProposalFacts): Proposal {
  const impossible: ImpossibleUse[] = [];
  const uses = facts.uses.flatMap((use) => readUse(use, facts, impossible));
  const declared = facts.entries.flatMap(({ kind, values }) =>
    values.map((text) => judge(kind, text, uses, facts))
  );
  const isDeclared = (use: Use) =>
    declared.some(({ permission }) => permission !== undefined && allows(permission, use));
  const missing = uses.filter((use) => !isDeclared(use));
  return {
    kept: declared.filter(({ rule }) => rule !== undefined).map(({ kind, text, rule, checks }) => ({
      kind,
      text,
      rule: rule!,
      checks,
    })),
    added: generalize(missing, facts, impossible),
    unused: declared.filter(({ rule }) => rule === undefined).map(({ kind, text }) => ({ kind, text })),
    impossible,
  };
}

/** A use that a manifest could name; what the plugin has anyway is none. */
function readUse(
  use: PermissionUse,
  { uses, scope, codeDir }: ProposalFacts,
  impossible: ImpossibleUse[],
): Use[] {
  const { kind, value, allowed, denied, because } = use;
  const checks = allowed + denied;
  const refuse = (why: string) => void impossible.push({ kind, value, because: why, checks });
  switch (kind) {
    case "read":
    case "write":
    case "net":
    case "env":
    case "sys":
    case "run":
    case "ffi": {
      if (value === undefined) {
        // Allowed, it is about no value in particular: a pointer of a library that was.
        if (denied > 0 && !isFirstStep(use, uses)) refuse(because ?? "it has no value");
        return [];
      }
      const isOwn = [codeDir, scope.pluginDir].some((dir) => value === dir || isInside(value, dir));
      return kind === "read" && isOwn ? [] : [{ kind, value, checks }];
    }
    default:
      refuse(because ?? "it is never granted");
      return [];
  }
}

/** Before a program Deno asks for all of them, and for that one when those are denied. */
function isFirstStep({ kind }: PermissionUse, uses: readonly PermissionUse[]): boolean {
  return kind === "run" && uses.some((use) => use.kind === "run" && use.value !== undefined);
}

/** A value of the manifest: what it stands for, and by which rule it stays, if it does. */
function judge(kind: PermissionKind, text: string, uses: readonly Use[], { scope }: ProposalFacts): {
  readonly kind: PermissionKind;
  readonly text: string;
  readonly permission?: Permission;
  readonly rule?: ProposalRule;
  readonly checks: number;
} {
  const permission = tryParse(kind, text, scope);
  if (typeof permission === "string") {
    return { kind, text, rule: "unjudged", checks: 0 };
  }
  const covered = uses.filter((use) => allows(permission, use));
  return {
    kind,
    text,
    permission,
    checks: countChecks(covered),
    ...(covered.length === 0 ? {} : { rule: "declared" }),
  };
}

/** Values for uses that the manifest does not cover, each needed and none covered by another. */
function generalize(
  uses: readonly Use[],
  facts: ProposalFacts,
  impossible: ImpossibleUse[],
): ProposedValue[] {
  const candidates = uses.flatMap((use) => {
    const found = findCandidate(use, uses, facts);
    if (typeof found !== "string") return [found];
    impossible.push({ kind: use.kind, value: use.value, because: found, checks: use.checks });
    return [];
  });
  const set = createPermissionSet(candidates.map(({ permission }) => permission));
  const chosen = new Map<string, Candidate>();
  for (const candidate of candidates) {
    const { kind, value } = candidate.permission;
    // What a wider one covers is not in the set.
    if (set[kind].includes(value) && !chosen.has(`${kind} ${value}`)) {
      chosen.set(`${kind} ${value}`, candidate);
    }
  }
  return [...chosen.values()].map(({ kind, text, rule, permission }) => ({
    kind,
    text,
    rule,
    checks: countChecks(uses.filter((use) => allows(permission, use))),
  }));
}

/** The first value that stands for a use and may be had, or why there is none. */
function findCandidate(
  use: Use,
  uses: readonly Use[],
  { scope, isProtected }: ProposalFacts,
): Candidate | string {
  if (use.kind === "run" || use.kind === "ffi") return "programs and native code are never proposed";
  let obstacle = "nothing in a manifest stands for it";
  for (const { text, rule } of listTexts(use, uses, scope)) {
    const permission = tryParse(use.kind, text, scope);
    if (typeof permission === "string") obstacle = permission;
    else if (isProtected(permission)) obstacle = "it would open Cordon's own data";
    else if (!allows(permission, use)) {
      obstacle = `"${text}" stands for "${permission.value}": the way there is a link`;
    } else return { kind: use.kind, text, rule, checks: use.checks, permission };
  }
  return obstacle;
}

/** Ways to write a use down, the preferred first. */
function* listTexts(
  { kind, value }: Use,
  uses: readonly Use[],
  { vars, pluginDir, dataDir, tmpDir }: PermissionScope,
): Generator<Pick<ProposedValue, "text" | "rule">> {
  if (isPathKind(kind)) {
    const lies = (dir: string) => value === dir || isInside(value, dir);
    const variables = Object.entries(vars).filter(([, dir]) => dir.startsWith("/") && lies(dir));
    const [nearest] = variables.sort(([, a], [, b]) => b.length - a.length);
    if (nearest !== undefined) yield { text: `\${${nearest[0]}}`, rule: "variable" };
    if (lies(dataDir)) yield { text: "$DATA", rule: "place" };
    if (lies(tmpDir)) yield { text: "$TMP", rule: "place" };
    if (lies(pluginDir)) yield { text: `$PLUGIN${value.slice(pluginDir.length)}`, rule: "place" };
    const folder = value.slice(0, value.lastIndexOf("/"));
    const files = uses.filter((use) =>
      use.kind === kind && use.value.slice(0, use.value.lastIndexOf("/")) === folder
    );
    if (files.length >= FILES_OF_FOLDER && folder.split("/").length > MIN_DEPTH) {
      yield { text: folder, rule: "folder" };
    }
  }
  yield { text: value, rule: "exact" };
}

/** What a text stands for, or why it stands for nothing. */
function tryParse(kind: PermissionKind, text: string, scope: PermissionScope): Permission | string {
  try {
    return parsePermission(kind, text, scope);
  } catch (error) {
    if (!(error instanceof PermissionValueError)) throw error;
    return error.message;
  }
}

function allows(permission: Permission, use: Permission): boolean {
  return covers(createPermissionSet([permission]), use);
}

function countChecks(uses: readonly Use[]): number {
  return uses.reduce((total, { checks }) => total + checks, 0);
}
