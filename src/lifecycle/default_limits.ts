/**
 * Limits that a site sets to plugins whose manifests name none.
 *
 * @module
 */

import type { Manifest } from "../manifest/manifest.ts";

/** Limits of plugins whose manifests name none. */
export interface DefaultLimits {
  /** Bytes of memory of the whole process. */
  readonly memoryBytes?: number;
  /** Sustained share of one core, as 0.5. */
  readonly cpuShare?: number;
  /** Bytes of room in the plugin's private folder. */
  readonly storageBytes?: number;
}

/** A manifest with the site's limits where it names none. */
export function withDefaultLimits(manifest: Manifest, defaults: DefaultLimits): Manifest {
  const { memoryBytes, cpuShare, storageBytes } = manifest.limits;
  return {
    ...manifest,
    limits: {
      ...manifest.limits,
      memoryBytes: memoryBytes ?? defaults.memoryBytes,
      cpuShare: cpuShare ?? defaults.cpuShare,
      storageBytes: storageBytes ?? defaults.storageBytes,
    },
  };
}
