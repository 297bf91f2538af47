/**
 * What was decided about a plugin, and how that compares with what it asks for.
 *
 * @module
 */

import { findGrant, findRefusal } from "../../permissions/grants.ts";
import { placeOwnFolders } from "../../permissions/own_folders.ts";
import {
  diff,
  listPermissions,
  NO_PERMISSIONS,
  type Permission,
  type PermissionDiff,
  union,
} from "../../permissions/permission_set.ts";
import type { Manifest } from "../../manifest/manifest.ts";
import { type AdmissionContext, boundsOf, readRequest } from "./plugin_request.ts";
import type { BlockReason } from "../state.ts";

/** What was decided about a plugin. */
export interface PluginConsent {
  /** The version that something was granted to. */
  readonly grantedVersion: string | undefined;
  /** When, as an ISO 8601 date and time. */
  readonly grantedAt: string | undefined;
  /** Whether it shall run under Deno's permission broker. */
  readonly supervised: boolean;
  /** When this version was refused, as an ISO 8601 date and time. */
  readonly refused: string | undefined;
  /** What was granted, whether it is asked for or not. */
  readonly granted: readonly Permission[];
  /** What any plugin may have at most; undefined stands for no bound. */
  readonly ceiling: readonly Permission[] | undefined;
  /** How what it asks for differs from what was granted. */
  readonly diff: PermissionDiff;
}

/** A new version that waits while an earlier one runs on. */
export interface PendingVersion {
  /** The version. */
  readonly version: string | undefined;
  /** What it waits for; undefined where it cannot be used as it is. */
  readonly reason: BlockReason | undefined;
  /** Why, as one sentence. */
  readonly message: string;
  /** What to do about it. */
  readonly hint: string;
  /** How what it asks for differs from what was granted. */
  readonly diff: PermissionDiff;
}

/** Nothing to compare. */
export const NO_DIFF: PermissionDiff = { widened: [], narrowed: [], unchanged: [] };

/** Compares what a plugin asks for with what was decided. */
export function describeConsent(manifest: Manifest, context: AdmissionContext): PluginConsent {
  const { request, scope } = readRequest(manifest, context);
  const grant = findGrant(context.grants, manifest.id);
  const granted = placeOwnFolders(grant?.permissions ?? NO_PERMISSIONS, scope);
  const { ceiling } = boundsOf(manifest, { request, scope, context });
  return {
    grantedVersion: grant?.version,
    grantedAt: grant?.granted,
    supervised: grant?.supervised ?? false,
    refused: findRefusal(context.grants, manifest.id, manifest.version)?.refused,
    granted: [...listPermissions(granted)],
    ceiling: ceiling && [...listPermissions(ceiling)],
    diff: diff(granted, union(request.required, request.optional)),
  };
}
