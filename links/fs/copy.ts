import { cp } from "node:fs/promises";
import { exists } from "./exists.ts";

/** Options of {@linkcode copy}. */
export interface CopyOptions {
  /** Whether to replace what is at the destination. */
  overwrite?: boolean;
  /** Whether to keep the times of access and modification. */
  preserveTimestamps?: boolean;
}

/** Copies a file, a symbolic link, or a directory with all it holds. */
export async function copy(
  src: string | URL,
  dest: string | URL,
  options: CopyOptions = {},
): Promise<void> {
  const { overwrite = false, preserveTimestamps = false } = options;
  if (!overwrite && await exists(dest)) {
    throw new Deno.errors.AlreadyExists(`Cannot copy to "${dest}": it already exists`);
  }
  await Deno.lstat(src); // Throws what Deno throws if there is nothing; node:fs has errors of its own.
  await cp(src, dest, { recursive: true, force: overwrite, preserveTimestamps, verbatimSymlinks: true });
}
