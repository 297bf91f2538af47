import { access, constants } from "node:fs/promises";

/** Options of {@linkcode exists}. */
export interface ExistsOptions {
  /** Whether it must be readable too. */
  isReadable?: boolean;
  /** Whether it must be a directory too. */
  isDirectory?: boolean;
  /** Whether it must be a file too. */
  isFile?: boolean;
}

/** Returns whether something exists at a path. */
export async function exists(path: string | URL, options: ExistsOptions = {}): Promise<boolean> {
  const { isReadable = false, isDirectory = false, isFile = false } = options;
  if (isDirectory && isFile) throw new TypeError("Cannot ask for a file and a directory at once");
  try {
    const info = await Deno.stat(path);
    if ((isDirectory && !info.isDirectory) || (isFile && !info.isFile)) return false;
    return !isReadable || await isAccessible(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    // The system, not Deno, forbids to look: something is there.
    if (error instanceof Deno.errors.PermissionDenied) return !isReadable;
    throw error;
  }
}

async function isAccessible(path: string | URL): Promise<boolean> {
  try {
    await access(path, constants.R_OK);
    return true;
  } catch {
    return false; // Any reason means that it cannot be read.
  }
}
