/**
 * The exposure of a plugin as it stands here: its permissions, its boundary,
 * its limits, and whether anybody looked.
 *
 * @module
 */

import { type Exposure, scoreExposure } from "../../permissions/exposure.ts";
import type { ExposureSetting } from "../../permissions/exposure_rule.ts";
import { isEmpty, type PermissionSet } from "../../permissions/permission_set.ts";
import type { PluginEntry } from "../plugin_table.ts";

/** What the score of a plugin depends on. */
export type ScoredPlugin = Pick<
  PluginEntry,
  "found" | "instance" | "places" | "expectedTier" | "supervision" | "bounded"
>;

/** Scores permissions of a plugin; undefined where its manifest cannot be used. */
export function scorePlugin(
  { found, instance, places, expectedTier, supervision, bounded }: ScoredPlugin,
  permissions: PermissionSet,
  consent?: ExposureSetting["consent"],
): Exposure | undefined {
  if (found.manifest === undefined) return undefined;
  return scoreExposure({
    ...places,
    permissions,
    tier: instance?.tier ?? expectedTier,
    supervised: supervision !== undefined,
    limits: bounded,
    ...(isEmpty(permissions) ? {} : { consent }),
  });
}
