/**
 * Why a plugin is in the state it is in: a page of evidence from what is known
 * and from the journal, and the command that would change it. Pure.
 *
 * @module
 */

import { formatProblem } from "../errors.ts";
import type { GraphEdge } from "../solver/graph_node.ts";
import type { JournalEvent } from "../store/journal.ts";
import { formatFigure, formatQuantity, type LimitName } from "../sandbox/limits/limit.ts";
import type { PluginInfo, PluginSummary } from "./plugin_summary.ts";
import type { PluginState } from "./state.ts";
import type { RolledBack } from "./versions/rolled_back.ts";

/** Events shown as evidence. */
const MAX_EVENTS = 8;

/** An explanation. */
export interface Explanation {
  /** Plugin id. */
  readonly id: string;
  /** Its state. */
  readonly state: PluginState;
  /** The state in one sentence. */
  readonly summary: string;
  /** What shows it. */
  readonly evidence: readonly string[];
  /** What would change it: a command, or a sentence. */
  readonly remedy: string | undefined;
  /** The last events of the plugin. */
  readonly events: readonly JournalEvent[];
}

/** What is known. */
export interface ExplainFacts {
  /** The plugin. */
  readonly plugin: PluginInfo;
  /** All plugins. */
  readonly plugins: readonly PluginSummary[];
  /** Who waits for whom. */
  readonly edges: readonly GraphEdge[];
  /** The plugin's events, oldest first. */
  readonly events: readonly JournalEvent[];
}

/** Explains the present state of a plugin. */
export function explainPlugin({ plugin, plugins, edges, events }: ExplainFacts): Explanation {
  const { id, state } = plugin;
  return {
    id,
    state,
    summary: plugin.message ?? describeState(plugin),
    evidence: [
      ...plugin.problems.map(formatProblem),
      ...describeRequests(plugin),
      ...describeConsent(plugin),
      ...plugin.rolledBack === undefined ? [] : [`was rolled back ${describeRolledBack(plugin.rolledBack)}`],
      ...describeNeighbours(plugin, plugins, edges),
      ...describeDenials(plugin, events),
      ...describeCrossing(events),
      ...describeExit(events),
    ],
    remedy: plugin.hint ?? remedyOf(plugin),
    events: events.slice(-MAX_EVENTS),
  };
}

function describeState({ id, state, pid, tier }: PluginInfo): string {
  switch (state) {
    case "running":
      return `"${id}" runs ${pid === undefined ? "in our process" : `as process ${pid}`} in tier ${tier}`;
    case "ready":
      return `"${id}" can start and has not been asked to`;
    default:
      return `"${id}" is ${state}`;
  }
}

function remedyOf({ id, state }: PluginInfo): string | undefined {
  switch (state) {
    case "ready":
    case "stopped":
    case "failed":
      return `cordon start ${id}`;
    case "running":
    case "degraded":
      return `cordon stop ${id}`;
    default:
      return undefined;
  }
}

/** What a plugin that waits for consent or a variable asks for. */
function describeRequests({ reason, manifest }: PluginInfo): string[] {
  if (reason !== "consent" && reason !== "variable" && reason !== "policy") return [];
  return (manifest?.permissions ?? []).map(({ kind, values, reason: why, optional }) =>
    `asks for ${kind} ${values.join(", ")}${optional ? " (optional)" : ""}${
      why === undefined ? "" : `: ${why}`
    }`
  );
}

/** What was decided about it, and a version of it that waits. */
function describeConsent({ consent, pending, version }: PluginInfo): string[] {
  const granted = consent?.grantedVersion === undefined
    ? []
    : [`${consent.grantedVersion} was granted permissions on ${consent.grantedAt!.slice(0, 10)}`];
  const refused = consent?.refused === undefined
    ? []
    : [`${version} was refused on ${consent.refused.slice(0, 10)}`];
  const waits = pending === undefined
    ? []
    : [`${pending.version ?? "a version that cannot be used"} waits: ${pending.message} (${pending.hint})`];
  return [...granted, ...refused, ...waits];
}

function describeNeighbours(
  { id, state }: PluginInfo,
  plugins: readonly PluginSummary[],
  edges: readonly GraphEdge[],
): string[] {
  const stateOf = (other: string) => plugins.find((plugin) => plugin.id === other)?.state ?? "not there";
  const needs = edges.filter(({ from }) => from === id)
    .map(({ to, optional, label }) =>
      `${optional ? "may use" : "needs"} "${to}" (${label}), which is ${stateOf(to)}`
    );
  if (state !== "stopped" && state !== "failed") return needs;
  const needed = edges.filter(({ to, optional }) => to === id && !optional)
    .map(({ from }) => `is needed by "${from}", which is ${stateOf(from)}`);
  return [...needs, ...needed];
}

/** What supervision denied, as far as the journal has it. */
function describeDenials({ denials }: PluginInfo, events: readonly JournalEvent[]): string[] {
  if (denials === undefined) return [];
  const last = events.findLast(({ type }) => type === "permission.denied");
  if (denials === 0 || last === undefined) return ["is supervised, and was denied nothing since it started"];
  const { kind, value, reason } = last.facts;
  const what = value === undefined ? kind : `${kind} "${value}"`;
  return [`is supervised; ${denials} checks were denied since it started, as ${what}: ${reason}`];
}

/** That a plugin runs an earlier version than its folder holds. */
export function describeRolledBack({ version, since, reason }: RolledBack): string {
  return `from ${version}, which its folder holds, on ${since.slice(0, 19)}: ${reason}`;
}

/** Each limit of a plugin: what it uses and may use, and what enforces that. */
export function describeLimits({ limits }: PluginInfo): string[] {
  return limits.map(({ limit, used, allowed, unit, method, reason }) => {
    const figures = [...(used === undefined ? [] : [used]), allowed].map((each) =>
      formatQuantity(each, unit)
    );
    const how = method === "none"
      ? `not enforced: ${reason}`
      : `by ${method === "host" ? "the host" : method}`;
    return `${limit} ${figures.join(" of ")}, ${how}`;
  });
}

/** The limit that it came close to, or reached, last. */
function describeCrossing(events: readonly JournalEvent[]): string[] {
  const crossing = events.findLast(({ type }) => type === "plugin.limit");
  if (crossing === undefined) return [];
  const { limit, used, allowed, stage } = crossing.facts;
  const figure = formatFigure({ limit: limit as LimitName, used: Number(used), allowed: Number(allowed) });
  return [`${stage === "hard" ? "was stopped" : "was told of a limit"} ${crossing.time}: ${figure}`];
}

function describeExit(events: readonly JournalEvent[]): string[] {
  const exit = events.findLast(({ type }) => type === "plugin.exit");
  if (exit === undefined) return [];
  const { code, signal, rung, reason } = exit.facts;
  const how = signal === undefined ? `code ${code}` : `signal ${signal}`;
  const who = rung === undefined ? "by itself" : `at the rung "${rung}" of the kill ladder`;
  const why = reason === undefined ? "" : `: ${reason}`;
  return [`its process last ended ${exit.time} with ${how}, ${who}${why}`];
}
