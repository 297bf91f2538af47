/**
 * What Deno prints when a sandbox ends by an uncaught error.
 *
 * @module
 */

/** A line this long may be cut where the report begins. */
const LONG_LINE = 4_096;

/** Passes on lines. */
export interface LineFilter {
  /** Takes a line. */
  readonly take: (line: string) => void;
  /** Passes on what is held back. */
  readonly end: () => void;
}

/**
 * Leaves out the line of source in such a report. Which file it comes from is
 * up to the plugin, by a source map or a `sourceURL`, and Deno reads any.
 */
export function omitSourceLines(onLine: (line: string) => void): LineFilter {
  let isReport = false;
  let held: string | undefined;
  const end = () => {
    if (held !== undefined) onLine(held);
    held = undefined;
  };
  return {
    take(line) {
      if (isReport && /^[\t ]*\^$/.test(line)) {
        held = undefined;
        return;
      }
      end();
      isReport ||= line.includes("error: Uncaught") || line.length > LONG_LINE;
      if (isReport) held = line;
      else onLine(line);
    },
    end,
  };
}
