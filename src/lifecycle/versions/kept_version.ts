/**
 * A version of a plugin as the outside sees it.
 *
 * @module
 */

import type { VersionRecord } from "../../store/version_records.ts";

/** A version that a plugin can go back to, or that it was rolled back from. */
export interface KeptVersion extends VersionRecord {
  /** Whether it is the version that the plugin has now. */
  readonly isCurrent: boolean;
}
