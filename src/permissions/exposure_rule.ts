/**
 * What a rule of the exposure score is, and how one is written down.
 *
 * @module
 */

import { classifyHost, type HostClass } from "./host_class.ts";
import { isInside, type PermissionKind } from "./permission_set.ts";
import { listHomes, splitPath } from "./sensitive_places.ts";

/** Where things are on the machine; what is not known counts as elsewhere. */
export interface ExposurePlaces {
  /** Home of the user that Cordon runs as, absolute. */
  readonly homeDir?: string;
  /** Folder of the plugin's code. */
  readonly codeDir?: string;
  /** Folders that belong to the plugin alone. */
  readonly privateDirs?: readonly string[];
  /** Folders that others run code from: those of `PATH`, those of other plugins. */
  readonly executableDirs?: readonly string[];
}

/** A path that is asked for, and what it is compared with. */
export interface PathFacts {
  /** The path. */
  readonly path: string;
  /** Its names. */
  readonly names: readonly string[];
  /** Home folders. */
  readonly homes: readonly (readonly string[])[];
  /** Other places. */
  readonly places: ExposurePlaces;
}

/** What is not a permission and counts all the same. */
export interface ExposureSetting {
  /** How strong the boundary is. */
  readonly tier: "os" | "deno" | "worker";
  /** Whether its permissions can be taken back while it runs. @default {false} */
  readonly supervised?: boolean;
  /** Which resources are bounded. */
  readonly limits: { readonly memory: boolean; readonly cpu: boolean };
  /** Whether an administrator looked at the permissions; undefined where there is nothing to look at. */
  readonly consent?: "given" | "unseen";
}

interface RuleBase {
  /** Stable name. */
  readonly id: string;
  /** What it adds to the score. */
  readonly points: number;
  /** When it counts; for the reference. */
  readonly when: string;
  /** What it means; `{0}` and `{1}` stand for values. */
  readonly text: string;
  /** Of the rules of one group only the heaviest counts. */
  readonly group: string;
}

/** Counts for a permission; each value goes to the first rule of its kind that takes it. */
export interface PermissionRule extends RuleBase {
  readonly type: "permission";
  readonly kind: PermissionKind;
  readonly takes: (value: string, places: ExposurePlaces) => boolean;
}

/** Counts when of each list of rules at least one took a value. */
export interface CombinationRule extends RuleBase {
  readonly type: "combination";
  readonly all: readonly (readonly string[])[];
}

/** Counts for what is not a permission. */
export interface SettingRule extends RuleBase {
  readonly type: "setting";
  readonly applies: (setting: ExposureSetting) => boolean;
}

/** A row of the table. */
export type ExposureRule = PermissionRule | CombinationRule | SettingRule;

type Row = Omit<RuleBase, "group">;

/** A rule for values of one kind; without `takes` for all that no earlier one took. */
export function permission(
  kind: PermissionKind,
  { takes = () => true, ...row }: Row & { readonly takes?: PermissionRule["takes"] },
): PermissionRule {
  return { type: "permission", kind, group: kind, takes, ...row };
}

/** A rule for paths. */
export function path(
  kind: "read" | "write",
  { takes = () => true, ...row }: Row & { readonly takes?: (facts: PathFacts) => boolean },
): PermissionRule {
  return permission(kind, {
    ...row,
    takes: (path, places) =>
      takes({ path, names: splitPath(path), homes: listHomes(places.homeDir), places }),
  });
}

/** A rule for hosts of one class. Classes add up: each opens something else. */
export function host(hosts: HostClass, row: Row): PermissionRule {
  return { ...permission("net", { ...row, takes: (value) => classifyHost(value) === hosts }), group: row.id };
}

/** A rule for what permissions allow together. */
export function combination(group: string, row: Row & Pick<CombinationRule, "all">): CombinationRule {
  return { type: "combination", group, ...row };
}

/** A rule for what is not a permission. */
export function setting(group: string, row: Row & Pick<SettingRule, "applies">): SettingRule {
  return { type: "setting", group, ...row };
}

/** Whether a path is one of the folders or lies in one. */
export function isInAny(path: string, dirs: readonly string[] = []): boolean {
  return dirs.some((dir) => path === dir || isInside(path, dir));
}

/** Whether a path is one of the folders, lies in one or covers one. */
export function isRelatedToAny(path: string, dirs: readonly string[] = []): boolean {
  return isInAny(path, dirs) || dirs.some((dir) => isInside(dir, path));
}
