/**
 * Decides which of the plugins found can start, and in which order: consent
 * and policy asked, dependencies resolved.
 *
 * @module
 */

import { formatProblem } from "../errors.ts";
import { type Manifest, PHASES } from "../manifest/manifest.ts";
import { type DependencyGraph, type GraphNode, resolveGraph } from "../solver/graph.ts";
import type { ExposurePlaces } from "../permissions/exposure_rule.ts";
import { type AdmissionContext, admit, judgePlugin } from "./admission.ts";
import { type HostFolders, realPath } from "./folders.ts";
import { findMachinePlaces } from "./machine_places.ts";
import type { PluginEntry, PluginTable } from "./plugin_table.ts";

/** What the site and the administrator decided, for all plugins. */
export type SiteDecisions = Pick<AdmissionContext, "vars" | "grant" | "policy" | "assumeVariables">;

/** Moves every discovered plugin to `ready`, `blocked` or `invalid`, and resolves the graph of those that may start. */
export function resolvePlugins(
  table: PluginTable,
  { folders, decisions }: { folders: HostFolders; decisions: SiteDecisions },
): DependencyGraph {
  const entries = table.list().filter(({ state }) => state === "discovered");
  const { homeDir, executableDirs = [] } = findMachinePlaces();
  const machine = {
    homeDir,
    executableDirs: [...executableDirs, ...table.list().map(({ found }) => found.dir)],
  };
  for (const entry of entries) judgeEntry(entry, { folders, decisions, machine });
  for (const entry of entries) {
    if (entry.problems.length > 0) refuse(entry, table, entry.problems.map(formatProblem));
  }
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

function admitEntry(
  entry: PluginEntry,
  table: PluginTable,
  { folders, decisions }: { folders: HostFolders; decisions: SiteDecisions },
): void {
  const admission = admit(entry.found.manifest!, toContext(entry, { folders, decisions }));
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

/** Notes what a plugin asks for and what its exposure depends on, whatever becomes of it. */
function judgeEntry(
  entry: PluginEntry,
  { folders, decisions, machine }: {
    folders: HostFolders;
    decisions: SiteDecisions;
    machine: ExposurePlaces;
  },
): void {
  const { manifest, dir } = entry.found;
  if (manifest === undefined) return;
  const { data, scratch } = folders.ofPlugin(entry.id);
  entry.places = { ...machine, codeDir: dir, privateDirs: [data, scratch] };
  Object.assign(entry, judgePlugin(manifest, toContext(entry, { folders, decisions })));
}

function toContext(
  { id, found }: PluginEntry,
  { folders, decisions }: { folders: HostFolders; decisions: SiteDecisions },
): AdmissionContext {
  const { data, scratch } = folders.ofPlugin(id);
  return {
    ...decisions,
    dir: found.dir,
    dataDir: data,
    scratchDir: scratch,
    protectedDirs: folders.protected,
    realPath,
    denoVersion: Deno.version.deno,
    os: Deno.build.os,
  };
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
