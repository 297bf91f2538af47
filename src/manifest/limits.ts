/**
 * Bounds on manifests.
 *
 * @module
 */

/** Largest manifest read. */
export const MAX_MANIFEST_BYTES: number = 256 * 1024;
