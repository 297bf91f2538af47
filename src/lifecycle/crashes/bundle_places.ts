/**
 * Finds the source of a place in a bundle. The bundler makes no source map for
 * us: it would read whatever files a plugin's own maps name. It says which file
 * each part comes from, and a line of a part that stands in that file once, but
 * for spaces, tells the line.
 *
 * @module
 */

import type { SourcePlace } from "./plugin_stack.ts";

/** Longer files are not searched. */
const MAX_CHARS = 4 * 2 ** 20;
/** A shorter line, as "});", tells nothing. */
const MIN_LINE = 6;

/** What the bundler writes before the part of each file: of the plugin, or of a package. */
const OWN_PART = /^\/\/ \S*\/making-[0-9a-f]+\/plugin\/(.+)$/;
const PACKAGE_PART = /^\/\/ .*\/npm\/[^/]+\/((?:@[^/]+\/)?[^/]+\/\d[^/]*\/.+)$/;

/** The files that a plugin runs from. */
export interface BundledCode {
  /** Path of the bundle inside its folder. */
  readonly bundle: string;
  /** Reads one of the files. */
  readonly read: (file: string) => string | undefined;
}

/** Makes the function that finds the source of a place; a place outside of the bundle is its own. */
export function createBundlePlaces(
  { bundle, read }: BundledCode,
): (place: Required<SourcePlace>) => SourcePlace {
  let lines: string[] | undefined;
  const sources = new Map<string, string[]>();
  const linesOf = (file: string) => {
    const known = sources.get(file);
    if (known !== undefined) return known;
    const found = splitLines(read(file)).map(withoutSpaces);
    sources.set(file, found);
    return found;
  };
  return (place) => {
    if (place.file !== bundle) return place;
    lines ??= splitLines(read(bundle));
    const thrower = lines[place.line - 1];
    // A plugin may print places as it likes.
    if (thrower === undefined) return place;
    for (let index = place.line - 1; index >= 0; index--) {
      const line = lines[index]!;
      if (!line.startsWith("// ")) continue;
      const inPackage = PACKAGE_PART.exec(line)?.[1];
      if (inPackage !== undefined) {
        return { file: `npm:${inPackage.replace(/^((?:@[^/]+\/)?[^/]+)\//, "$1@")}` };
      }
      const file = OWN_PART.exec(line)?.[1];
      if (file === undefined) continue;
      const source = findLine(thrower, linesOf(file));
      return source === undefined ? { file } : { file, line: source };
    }
    return place;
  };
}

function splitLines(text: string | undefined): string[] {
  return text === undefined || text.length > MAX_CHARS ? [] : text.split("\n");
}

/** The number of the one line that has the same in it, as far as it has no escapes: they are written anew. */
function findLine(line: string, source: readonly string[]): number | undefined {
  const wanted = withoutSpaces(line).split("\\")[0]!.replace(/[;,]$/, "");
  if (wanted.length < MIN_LINE) return undefined;
  const found = source.flatMap((text, index) => text.includes(wanted) ? [index + 1] : []);
  return found.length === 1 ? found[0] : undefined;
}

/** Printers of code choose spaces and quotes as they like. */
function withoutSpaces(line: string): string {
  return line.replaceAll(/\s+/g, "").replaceAll("'", '"');
}
