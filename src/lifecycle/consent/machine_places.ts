/**
 * Places of this machine that the exposure score depends on.
 *
 * @module
 */

import { delimiter, dirname, isAbsolute } from "node:path";
import type { ExposurePlaces } from "../../permissions/exposure_rule.ts";
import { realPath } from "../folders.ts";

/** The user's home, and the folders where programs are looked for. */
export function findMachinePlaces(): Pick<ExposurePlaces, "homeDir" | "executableDirs"> {
  const home = Deno.env.get("HOME") ?? Deno.env.get("USERPROFILE");
  const path = Deno.env.get("PATH") ?? "";
  return {
    ...(home !== undefined && isAbsolute(home) ? { homeDir: realPath(home) } : {}),
    executableDirs: [...new Set(path.split(delimiter).filter(isAbsolute).map(realPath))].filter(isNoRoot),
  };
}

/** A root in `PATH` would make every place one that is run from. */
function isNoRoot(dir: string): boolean {
  return dirname(dir) !== dir;
}
