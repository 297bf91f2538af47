/**
 * What was found of a plugin's files and holds for the next version of them:
 * a save rarely changes what a plugin imports, and to look at that again takes
 * longer than everything else that a reload does.
 *
 * @module
 */

import { listContracts } from "../installer/contract_reader.ts";
import { MODULE_PATTERN, sketchImports } from "../installer/import_sketch.ts";
import type { CheckReport } from "../installer/prepare.ts";
import { hashBytes } from "../internal/hash.ts";
import type { Manifest } from "../manifest/manifest.ts";
import type { CatalogueEntry, FileHashes } from "./catalogue_entry.ts";

/** Files that say how others are imported. */
const SETTINGS = /^(?:deno\.jsonc?|package\.json|deno\.lock|tsconfig\.json)$/i;

/** The sketches of the modules that changed; those of the others are what they were. */
export async function sketchChanged(
  dir: string,
  { before, hashes }: { readonly before: FileHashes; readonly hashes: ReadonlyMap<string, string> },
): Promise<Map<string, string>> {
  const sketches = new Map<string, string>();
  for (const [file, hash] of hashes) {
    if (!MODULE_PATTERN.test(file)) continue;
    if (before.hashes.get(file) === hash) {
      const sketch = before.sketches?.get(file);
      if (sketch !== undefined) sketches.set(file, sketch);
      continue;
    }
    const bytes = await Deno.readFile(`${dir}/${file}`);
    // Saved once more meanwhile: that is another reading.
    if (await hashBytes(bytes) === hash) sketches.set(file, sketchImports(new TextDecoder().decode(bytes)));
  }
  return sketches;
}

/** What of the earlier report holds for other files. */
export function findUnchanged(
  { found, report, files: before }: CatalogueEntry,
  { manifest, files }: { readonly manifest: Manifest | undefined; readonly files: FileHashes },
): Pick<CheckReport, "imports" | "contracts"> {
  const names = [...files.hashes.keys()];
  const isOther = before === undefined || manifest === undefined || report === undefined ||
    report.problems.length > 0 || report.packages.length > 0 || found.manifest?.main !== manifest.main ||
    names.length !== before.hashes.size || names.some((name) => !before.hashes.has(name));
  if (isOther) return { imports: undefined, contracts: undefined };
  const changed = names.filter((name) => before.hashes.get(name) !== files.hashes.get(name));
  const isSame = (name: string) => {
    if (SETTINGS.test(name)) return false;
    if (!MODULE_PATTERN.test(name)) return true;
    const sketch = before.sketches?.get(name);
    return sketch !== undefined && sketch === files.sketches?.get(name);
  };
  if (!changed.every(isSame)) return { imports: undefined, contracts: undefined };
  const asked = [found.manifest!, manifest].map((one) => JSON.stringify(listContracts(one)));
  // Types that a contract takes from another module are not followed here.
  const isContractSame = asked[0] === asked[1] &&
    (asked[0] === "[]" || changed.every((name) => !/\.[cm]?tsx?$/.test(name)));
  return { imports: report.imports, contracts: isContractSame ? report.contracts : undefined };
}
