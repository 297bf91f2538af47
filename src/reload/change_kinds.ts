/**
 * What a changed plugin needs: told from its manifests and from what part its
 * files have in it.
 *
 * @module
 */

import type { CatalogueEntry } from "../lifecycle/catalogue_entry.ts";
import { MANIFEST_FILES } from "../lifecycle/discovery.ts";
import type { Manifest } from "../manifest/manifest.ts";
import { isIgnoredPath } from "./ignored_names.ts";

/** What about a plugin changed; `assets` alone needs no reload. */
export type ChangeKind = "code" | "manifest" | "configuration" | "assets" | "permissions" | "contract";

/** Files that may be imported by a name that is made at run time. */
const CODE_PATTERN = /\.(?:[cm]?[jt]sx?|wasm|json)$/i;
/** Of these it is known that nothing that runs imports them. */
const TEST_PATTERN = /(?:^|\/)(?:tests?|docs)\/|[._]test\.[cm]?[jt]sx?$|\.d\.[cm]?ts$/i;

/** The files that changed, came or went, sorted; not what editors leave behind. */
export function findChangedFiles(before: CatalogueEntry, after: CatalogueEntry): string[] {
  const [old, now] = [before.files?.hashes, after.files?.hashes];
  // Where one of the two could not be read, nobody knows what changed.
  if (old === undefined || now === undefined) return [];
  return [...new Set([...old.keys(), ...now.keys()])]
    .filter((file) => old.get(file) !== now.get(file) && isOfPlugin(file, [before, after])).sort();
}

/** What about a plugin changed; empty where nothing did. */
export function findChangeKinds(
  before: CatalogueEntry,
  { entry: after, files }: { readonly entry: CatalogueEntry; readonly files: readonly string[] },
): Set<ChangeKind> {
  const kinds = new Set(files.map((file) => kindOf(file, [before, after])));
  kinds.delete("manifest");
  if ((before.files === undefined) !== (after.files === undefined)) kinds.add("code");
  for (const kind of compareManifests(before.found.manifest, after.found.manifest)) kinds.add(kind);
  const isProblemChanged = JSON.stringify(problemsOf(before)) !== JSON.stringify(problemsOf(after));
  if (kinds.size === 0 && isProblemChanged) kinds.add("manifest");
  // Words that change nothing, as a comment in the manifest.
  if (kinds.size === 0 && files.length > 0) kinds.add("assets");
  return kinds;
}

function problemsOf({ found, report }: CatalogueEntry): unknown {
  return [found.problems, report?.problems ?? []];
}

function isOfPlugin(file: string, entries: readonly CatalogueEntry[]): boolean {
  return !isIgnoredPath(file) || entries.some((entry) => isImported(entry, file));
}

function isImported({ report, found }: CatalogueEntry, file: string): boolean {
  return found.manifest?.main === file || (report?.imports?.modules.includes(file) ?? false);
}

function kindOf(file: string, entries: readonly CatalogueEntry[]): ChangeKind {
  const manifests = entries.flatMap(({ found }) => found.manifest ?? []);
  const isOneOf = (list: (manifest: Manifest) => readonly (string | undefined)[]) =>
    manifests.some((manifest) => list(manifest).includes(file));
  if ((MANIFEST_FILES as readonly string[]).includes(file)) return "manifest";
  if (entries.some((entry) => isImported(entry, file))) return "code";
  if (isOneOf(({ config }) => [config?.schema])) return "configuration";
  if (isOneOf(listContractFiles)) return "contract";
  if (isOneOf(({ reload }) => [reload.stateSchema])) return "code";
  // A plugin with packages runs from a copy of all its files.
  if (entries.some(({ report }) => (report?.packages.length ?? 0) > 0)) return "code";
  const panels = manifests.flatMap(({ ui }) => ui === undefined ? [] : [folderOf(ui.panel)]);
  if (panels.some((folder) => folder !== "" && file.startsWith(folder))) return "assets";
  return CODE_PATTERN.test(file) && !TEST_PATTERN.test(file) ? "code" : "assets";
}

function listContractFiles({ provides, uses }: Manifest): (string | undefined)[] {
  return [...Object.values(provides), ...Object.values(uses)].map(({ contract }) => contract);
}

/** With a slash at the end; empty for the plugin's own. */
function folderOf(file: string): string {
  return file.slice(0, file.lastIndexOf("/") + 1);
}

function compareManifests(before: Manifest | undefined, after: Manifest | undefined): ChangeKind[] {
  if (before === undefined || after === undefined) return before === after ? [] : ["manifest"];
  const kinds = new Set<ChangeKind>();
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)]) as Set<keyof Manifest>) {
    if (JSON.stringify(before[key]) !== JSON.stringify(after[key])) kinds.add(KIND_OF_KEY[key] ?? "manifest");
  }
  return [...kinds];
}

const KIND_OF_KEY: Partial<Record<keyof Manifest, ChangeKind>> = {
  main: "code",
  permissions: "permissions",
  provides: "contract",
  uses: "contract",
  config: "configuration",
  ui: "assets",
};
