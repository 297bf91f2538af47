/**
 * Bounds on manifests.
 *
 * @module
 */

/** Largest manifest read: TOML parsers take time by the square of the keys, 64 KiB of them two seconds at worst. */
export const MAX_MANIFEST_BYTES: number = 64 * 1024;
