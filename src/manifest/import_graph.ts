/**
 * Judges the static import graph of a plugin, as `deno info --json` reports
 * it, before any of its code runs.
 *
 * @module
 */

import type { Problem } from "../errors.ts";

/** The part of the output of `deno info --json` that is read here. */
export interface ModuleGraph {
  /** Every module reached, those that failed included. */
  readonly modules: readonly GraphModule[];
  /** Where specifiers were sent on. */
  readonly redirects?: Readonly<Record<string, string>>;
}

/** One module of the graph. */
export interface GraphModule {
  /** Its URL. */
  readonly specifier: string;
  /** Why it could not be loaded. */
  readonly error?: string;
  /** What it imports. */
  readonly dependencies?: readonly GraphDependency[];
}

/** One import; `code` is missing where only types are imported. */
export interface GraphDependency {
  /** As written. */
  readonly specifier: string;
  /** Where it leads. */
  readonly code?: GraphTarget;
  /** Where its types lead. */
  readonly type?: GraphTarget;
}

/** Where an import leads. */
export interface GraphTarget {
  readonly specifier?: string;
  readonly error?: string;
  readonly span?: { readonly start: { readonly line: number } };
}

/** What the graph of one plugin holds. */
export interface ImportReport {
  /** Everything that forbids running it. */
  readonly problems: readonly Problem[];
  /** Its npm and jsr imports, which have to be bundled. */
  readonly packages: readonly string[];
  /** The plugin's own files among what is imported, from its folder on. */
  readonly modules: readonly string[];
}

/**
 * Judges everything reachable from `entry`.
 *
 * @param graph Output of `deno info --json`, possibly of several plugins at once.
 * @param entry URL of the main module.
 * @param root URL of the plugin's folder, with a slash at the end.
 * @param options `trusted`: URLs of folders outside that may be imported, each with a slash at the end.
 */
export function checkImportGraph(
  graph: ModuleGraph,
  entry: string,
  root: string,
  { trusted = [] }: { readonly trusted?: readonly string[] } = {},
): ImportReport {
  const modules = new Map(graph.modules.map((module) => [module.specifier, module]));
  const problems: Problem[] = [];
  const packages = new Set<string>();
  const seen = new Set<string>([entry]);
  const queue = [entry];
  for (let url = queue.pop(); url !== undefined; url = queue.pop()) {
    const module = modules.get(url);
    const file = fileOf(url, root);
    if (module === undefined) {
      problems.push({ file, message: "cannot be found in the import graph" });
      continue;
    }
    if (module.error !== undefined) {
      problems.push(describeFailure(module.error, file));
      continue;
    }
    for (const { specifier, code } of module.dependencies ?? []) {
      if (code === undefined) continue;
      const line = code.span === undefined ? {} : { line: code.span.start.line + 1 };
      const shown = shorten(specifier);
      const target = code.specifier === undefined
        ? undefined
        : graph.redirects?.[code.specifier] ?? code.specifier;
      if (target === undefined) {
        problems.push({
          file,
          ...line,
          message: `imports "${shown}", which leads nowhere: use a relative path, "npm:" or "jsr:"`,
        });
      } else if (/^(npm|jsr):/.test(target)) {
        packages.add(specifier);
      } else if (target.startsWith("file:")) {
        // To Deno "..%2f" is a folder up, to a URL it is a name.
        const isPlain = !/%2f|%5c/i.test(target);
        if (isPlain && trusted.some((folder) => target.startsWith(folder))) continue;
        if (!target.startsWith(root) || !isPlain) {
          // Nothing of that file may be told: the reason of a failure quotes its text.
          problems.push({
            file,
            ...line,
            message: `imports "${shown}", which is outside the plugin's folder`,
          });
        } else if (!seen.has(target)) {
          seen.add(target);
          queue.push(target);
        }
      } else if (/^https?:/.test(target)) {
        problems.push({
          file,
          ...line,
          message: `imports "${shown}" from the network: use "npm:", "jsr:" or a copy`,
        });
      } else if (target.startsWith("data:") || target.startsWith("blob:")) {
        problems.push({
          file,
          ...line,
          message: `imports code from a "${target.slice(0, 5)}" URL: put it into a file`,
        });
      } else if (!target.startsWith("node:")) {
        problems.push({ file, ...line, message: `imports "${shown}", which is of no known kind` });
      }
    }
  }
  const files = [...seen].map((url) => fileOf(url, root)).sort();
  return { problems, packages: [...packages].sort(), modules: files };
}

/** What is wrong with a module that could not be loaded. */
export function describeFailure(error: string, file: string): Problem {
  const first = error.split("\n")[0]!;
  if (/^Module not found/.test(first)) return { file, message: "does not exist" };
  const line = /:(\d+):\d+\s*$/.exec(error)?.[1];
  return { file, ...(line === undefined ? {} : { line: Number(line) }), message: first };
}

function fileOf(url: string, root: string): string {
  if (!url.startsWith(root)) return shorten(url);
  try {
    return decodeURIComponent(url.slice(root.length));
  } catch {
    // Not UTF-8 once decoded, as in "%zz": shown as it is written.
    return shorten(url.slice(root.length));
  }
}

function shorten(text: string): string {
  return text.length <= 120 ? text : `${text.slice(0, 120)}…`;
}
