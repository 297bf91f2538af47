/**
 * `cordon.toml`: what a site decides once for all its plugins. Paths in it are
 * relative to the file.
 *
 * @module
 */

import { dirname, resolve } from "node:path";
import { CordonError, errorMessage, formatProblem, type Problem } from "../../errors.ts";
import type { SiteOptions } from "./site_model.ts";

/**
 * Reads a site file.
 *
 * @param path Path of the file, as `cordon.toml`.
 * @returns What it says, as `openHost` takes it; folders absolute.
 * @throws {CordonError} `not_found`, or `invalid_site` with every problem and its line.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readSiteFile } from "@cordon/cordon";
 *
 * const path = await Deno.makeTempFile({ suffix: ".toml" });
 * await Deno.writeTextFile(path, 'schema = 1\n[policy]\nmax_exposure = 6.9\n');
 * assertEquals((await readSiteFile(path)).policy?.maxExposure, 6.9);
 * await Deno.remove(path);
 * ```
 */
export async function readSiteFile(path: string): Promise<SiteOptions> {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(await Deno.readFile(path));
  } catch (cause) {
    if (cause instanceof TypeError) throw invalidSite(path, [{ message: "is not UTF-8 text" }]);
    const why = cause instanceof Deno.errors.NotFound ? "it does not exist" : errorMessage(cause);
    throw new CordonError("not_found", `Cannot read the site file "${path}": ${why}`, { cause });
  }
  // The model is large, and most sites have no such file.
  const { readSite } = await import("./site_model.ts");
  const reading = readSite(text, dirname(resolve(path)));
  if (reading.type === "refused") throw invalidSite(path, reading.problems);
  return reading.data;
}

function invalidSite(path: string, problems: readonly Problem[]): CordonError {
  const named = problems.map((problem) => ({ file: path, ...problem }));
  const count = `${named.length} ${named.length === 1 ? "problem" : "problems"}`;
  const lines = named.map((problem) => `  ${formatProblem(problem)}`);
  return new CordonError("invalid_site", `Cannot use "${path}": ${count}\n${lines.join("\n")}`, {
    hint: "See what there is: docs/site.md",
    facts: { problems: named },
  });
}
