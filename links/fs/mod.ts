/**
 * Stands in for jsr:@std/fs, over Deno and node:fs.
 *
 * @module
 */

export { copy, type CopyOptions } from "./copy.ts";
export { emptyDir, ensureDir } from "./dir.ts";
export { exists, type ExistsOptions } from "./exists.ts";
export { walk, type WalkEntry, type WalkOptions } from "./walk.ts";
