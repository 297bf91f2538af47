/**
 * A plugin's own folders in permissions that are kept: `$PLUGIN`, `$DATA` and
 * `$TMP` instead of paths, so that moving a folder does not void a decision.
 * Everything else is kept as it was decided upon; links are not looked at
 * again, since one that changes must not change what was decided.
 *
 * @module
 */

import { isPathKind, type PermissionScope } from "./parse.ts";
import { createPermissionSet, isInside, listPermissions, type PermissionSet } from "./permission_set.ts";

/** Where a plugin's own folders are. */
export type OwnFolders = Pick<PermissionScope, "pluginDir" | "dataDir" | "tmpDir">;

/** Writes paths in a plugin's own folders as `$PLUGIN`, `$DATA` or `$TMP`. */
export function nameOwnFolders(set: PermissionSet, folders: OwnFolders): PermissionSet {
  // The data folder may lie in the plugin's: the longest says most.
  const roots = listRoots(folders).sort(([, a], [, b]) => b.length - a.length);
  return createPermissionSet([...listPermissions(set)].map(({ kind, value }) => {
    const root = isPathKind(kind)
      ? roots.find(([, dir]) => value === dir || isInside(value, dir))
      : undefined;
    if (root === undefined) return { kind, value };
    const rest = value.slice(root[1].length);
    return { kind, value: root[0] + (root[1].startsWith("/") ? rest : rest.replaceAll("\\", "/")) };
  }));
}

/** Puts paths in place of `$PLUGIN`, `$DATA` and `$TMP`. */
export function placeOwnFolders(set: PermissionSet, folders: OwnFolders): PermissionSet {
  const roots = new Map(listRoots(folders));
  return createPermissionSet([...listPermissions(set)].map(({ kind, value }) => {
    const name = isPathKind(kind) ? /^\$[A-Z]+(?=\/|$)/.exec(value)?.[0] : undefined;
    const root = name === undefined ? undefined : roots.get(name);
    if (root === undefined) return { kind, value };
    const rest = value.slice(name!.length);
    return { kind, value: root + (root.startsWith("/") ? rest : rest.replaceAll("/", "\\")) };
  }));
}

function listRoots({ pluginDir, dataDir, tmpDir }: OwnFolders): [name: string, dir: string][] {
  return [["$PLUGIN", pluginDir], ["$DATA", dataDir], ["$TMP", tmpDir]];
}
