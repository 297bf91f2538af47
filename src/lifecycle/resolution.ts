/**
 * Decides which of the plugins found can start, and in which order: files and
 * imports checked, consent and policy asked, dependencies resolved.
 *
 * @module
 */

import { formatProblem } from "../errors.ts";
import { checkSources } from "../installer/prepare.ts";
import { type Manifest, PHASES } from "../manifest/manifest.ts";
import { type DependencyGraph, type GraphNode, resolveGraph } from "../solver/graph.ts";
import { type AdmissionContext, admit } from "./admission.ts";
import { type HostFolders, realPath } from "./folders.ts";
import type { PluginEntry, PluginTable } from "./plugin_table.ts";

/** What the site and the administrator decided, for all plugins. */
export type SiteDecisions = Pick<AdmissionContext, "vars" | "grant" | "policy" | "assumeVariables">;

/** Moves every discovered plugin to `ready`, `blocked` or `invalid`, and resolves the graph of those that may start. */
export async function resolvePlugins(
  table: PluginTable,
  { folders, decisions, signal }: { folders: HostFolders; decisions: SiteDecisions; signal?: AbortSignal },
): Promise<DependencyGraph> {
  const entries = table.list().filter(({ state }) => state === "discovered");
  await checkEntries(entries, table, { workDir: folders.work, signal });
  for (const entry of entries) {
    if (entry.state === "discovered") admitEntry(entry, table, { folders, decisions });
  }

  const admitted = entries.filter(({ admitted }) => admitted !== undefined);
  const graph = resolveGraph(admitted.map(toNode), {
    unavailable: entries.filter(({ admitted, found }) =>
      admitted === undefined && found.manifest !== undefined
    )
      .map(({ id, found }) => ({ id, provides: Object.keys(found.manifest!.provides) })),
  });
  for (const entry of admitted) {
    const problems = graph.problems.get(entry.id);
    if (problems === undefined) {
      table.move(entry, "ready");
      continue;
    }
    table.move(entry, "blocked", {
      reason: problems[0]!.type === "conflict" ? "conflict" : "dependency",
      message: problems.map(({ message }) => message).join("; "),
      hint: "See what is missing: cordon graph",
    });
  }
  return graph;
}

async function checkEntries(
  entries: readonly PluginEntry[],
  table: PluginTable,
  options: { workDir: string; signal?: AbortSignal },
): Promise<void> {
  const named = entries.filter(({ found }) => found.manifest !== undefined);
  const sources = named.map(({ found }) => ({ dir: found.dir, main: found.manifest!.main }));
  for (const [index, report] of (await checkSources(sources, options)).entries()) {
    const entry = named[index]!;
    entry.report = report;
    entry.problems = [...entry.problems, ...report.problems];
  }
  for (const entry of entries) {
    if (entry.problems.length > 0) refuse(entry, table, entry.problems.map(formatProblem));
  }
}

function admitEntry(
  entry: PluginEntry,
  table: PluginTable,
  { folders, decisions }: { folders: HostFolders; decisions: SiteDecisions },
): void {
  const own = folders.ofPlugin(entry.id);
  const admission = admit(entry.found.manifest!, {
    ...decisions,
    dir: entry.found.dir,
    dataDir: own.data,
    scratchDir: own.scratch,
    protectedDirs: folders.protected,
    realPath,
    denoVersion: Deno.version.deno,
  });
  switch (admission.type) {
    case "admitted":
      entry.admitted = admission;
      break;
    case "blocked": {
      const { reason, message, hint } = admission;
      table.move(entry, "blocked", { reason, message, hint });
      break;
    }
    case "invalid":
      entry.problems = admission.messages.map((message) => ({ message }));
      refuse(entry, table, admission.messages);
      break;
    default:
      admission satisfies never;
  }
}

function refuse(entry: PluginEntry, table: PluginTable, problems: readonly string[]): void {
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : "";
  table.move(entry, "invalid", {
    message: `Cannot use "${entry.found.dir}": ${problems[0]}${more}`,
    hint: `See everything: cordon check ${entry.found.dir}`,
  });
}

function toNode({ found }: PluginEntry): GraphNode {
  const { id, version, run, requires, optional, conflicts, provides, uses } = found.manifest as Manifest;
  return {
    id,
    version,
    phase: PHASES.indexOf(run.phase),
    requires,
    optional,
    conflicts,
    provides: Object.fromEntries(Object.entries(provides).map(([name, { version }]) => [name, version])),
    uses,
  };
}
