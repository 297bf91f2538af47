/**
 * What a plugin asks for as it stands here, and the bounds that people set to it.
 *
 * @module
 */

import type { Manifest } from "../../manifest/manifest.ts";
import { type ResolvedRequest, resolveRequest } from "../../permissions/effective.ts";
import type { Exposure } from "../../permissions/exposure.ts";
import { findGrant, type Grants } from "../../permissions/grants.ts";
import { placeOwnFolders } from "../../permissions/own_folders.ts";
import { isPathKind, listVariables, type PermissionScope } from "../../permissions/parse.ts";
import { NO_PERMISSIONS, type PermissionSet, union } from "../../permissions/permission_set.ts";
import { ceilingFor, type Policy } from "../../permissions/policy.ts";

/** Whose consent counts: what was stored, or whatever the manifest asks for. */
export type GrantMode = "stored" | "requested";

/** Where things are, and what the administrator decided. */
export interface AdmissionContext {
  /** The plugin's folder, real. */
  readonly dir: string;
  /** Its private folder. */
  readonly dataDir: string;
  /** Its scratch folder. */
  readonly scratchDir: string;
  /** Folders of Cordon's own, closed to every plugin. */
  readonly protectedDirs: readonly string[];
  /** Values of variables, as given. */
  readonly vars: Readonly<Record<string, string>>;
  /** Whose consent counts. */
  readonly grant: GrantMode;
  /** What administrators decided. */
  readonly grants: Grants;
  /** What the site allows. */
  readonly policy: Policy;
  /** The tier of processes on this machine. */
  readonly tier: "os" | "deno";
  /** How much harm permissions would allow this plugin to do. */
  readonly scoreOf: (permissions: PermissionSet) => Exposure;
  /** Whether a permission whose variable has no value is left out instead of blocking. */
  readonly assumeVariables: boolean;
  /** Makes a path absolute and resolves its links. */
  readonly realPath: (path: string) => string;
  /** Version of Deno. */
  readonly denoVersion: string;
  /** Operating system, by Deno's name. */
  readonly os: string;
}

/** Whether each check of a plugin is decided while it runs: the site or an administrator said so. */
export function isSupervised(
  id: string,
  { policy, grants }: Pick<AdmissionContext, "policy" | "grants">,
): boolean {
  return (policy.supervise?.includes(id) ?? false) || (findGrant(grants, id)?.supervised ?? false);
}

/** What a manifest asks for here, and what the names in it stand for. */
export function readRequest(
  manifest: Manifest,
  context: AdmissionContext,
): { request: ResolvedRequest; scope: PermissionScope } {
  const scope = toScope(manifest, context);
  return { request: resolveRequest(manifest.permissions, scope), scope };
}

function toScope(manifest: Manifest, context: AdmissionContext): PermissionScope {
  return {
    pluginDir: context.dir,
    dataDir: context.dataDir,
    tmpDir: context.scratchDir,
    vars: resolveVariables(manifest, context),
    realPath: context.realPath,
  };
}

/** What was granted and what the site allows, each as a bound; undefined stands for everything. */
export function boundsOf(
  { id }: Manifest,
  { request: { required, optional }, scope, context: { grant, grants, policy } }: {
    request: ResolvedRequest;
    scope: PermissionScope;
    context: AdmissionContext;
  },
): Record<"grant" | "ceiling", PermissionSet | undefined> {
  const ceiling = ceilingFor(policy, union(required, optional));
  const granted = findGrant(grants, id)?.permissions ?? NO_PERMISSIONS;
  return {
    grant: grant === "requested" ? undefined : placeOwnFolders(granted, scope),
    ceiling: ceiling && placeOwnFolders(ceiling, scope),
  };
}

/** The variables that the manifest names; those used in paths absolute. */
function resolveVariables(
  { permissions }: Manifest,
  { vars, realPath }: AdmissionContext,
): Record<string, string> {
  const resolved: Record<string, string> = {};
  for (const { kind, values } of permissions) {
    for (const { name, fallback } of values.flatMap(listVariables)) {
      const value = Object.hasOwn(vars, name) ? vars[name] : fallback;
      if (value === undefined) continue;
      if (isPathKind(kind)) resolved[name] = value === "" ? "" : realPath(value);
      else resolved[name] ??= value;
    }
  }
  return resolved;
}
