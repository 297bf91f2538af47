/**
 * What a plugin starts with: what it may reach, and who decides about its
 * checks where somebody does.
 *
 * @module
 */

import type { PermissionSet } from "../../permissions/permission_set.ts";
import type { Supervisor } from "../../permissions/supervision.ts";
import { isProtected } from "./admission.ts";
import { type HostFolders, realPath } from "../folders.ts";
import type { Learning } from "./learning.ts";
import type { PluginEntry } from "../plugin_table.ts";
import { PluginSupervision } from "./plugin_supervision.ts";
import type { Registry } from "../registry.ts";

/** What decides who is supervised. */
export interface SupervisionContext {
  readonly folders: HostFolders;
  readonly registry: Registry;
  /** Watches one plugin, where it is learned what that needs. */
  readonly learning: Learning | undefined;
  /** Which plugins are supervised. */
  readonly isSupervised: (id: string) => boolean;
}

/** Decides about a start. */
export function superviseStart(
  entry: PluginEntry,
  { isSupervised, learning, registry, folders }: SupervisionContext,
  codeDir: string,
): { permissions: PermissionSet; supervisor?: Supervisor } {
  const { permissions, vars } = entry.admitted!;
  const { data, scratch } = folders.ofPlugin(entry.id);
  if (learning?.id === entry.id) {
    const { manifest, dir } = entry.found;
    const own = { dir, dataDir: data, scratchDir: scratch, protectedDirs: folders.protected };
    const wider = learning.begin({
      manifest: manifest!,
      permissions,
      codeDir,
      scope: { pluginDir: dir, dataDir: data, tmpDir: scratch, vars, realPath },
      os: Deno.build.os,
      isProtected: (permission) => isProtected(permission, own),
    });
    return { permissions: wider, supervisor: learning };
  }
  if (!isSupervised(entry.id)) return { permissions };
  const note = (denial: object) => registry.note("permission.denied", { ...denial }, entry.id);
  return { permissions, supervisor: new PluginSupervision({ permissions, codeDir, tmpDir: scratch }, note) };
}
