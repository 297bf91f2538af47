/**
 * Why a plugin is in the state it is in: a page of evidence from what is known
 * and from the journal, and the command that would change it. Pure.
 *
 * @module
 */

import { formatProblem } from "../errors.ts";
import type { GraphEdge } from "../solver/graph_node.ts";
import type { JournalEvent } from "../store/journal.ts";
import { formatQuantity } from "../sandbox/limits/limit.ts";
import type { CrashReport } from "./crashes/crash_report.ts";
import { summarizeCrash } from "./crashes/crash_words.ts";
import { type ChainLink, describeChain, findChain } from "./explaining/dependency_chain.ts";
import {
  describeCrossing,
  describeDenials,
  describeExit,
  describeHealth,
  describeRestarts,
  describeVersions,
  findSince,
} from "./explaining/journal_evidence.ts";
import type { PluginInfo, PluginSummary } from "./plugin_summary.ts";
import type { PluginState } from "./state.ts";
import type { RolledBack } from "./versions/rolled_back.ts";

/** Events shown as evidence. */
const MAX_EVENTS = 8;

/** States in which a plugin may wait for others. */
const WAITING: ReadonlySet<PluginState> = new Set([
  "blocked",
  "ready",
  "starting",
  "stopped",
  "backoff",
  "failed",
]);

/** Those in which nothing helps but what helps the others. */
const IS_HELD: ReadonlySet<PluginState> = new Set(["blocked", "starting"]);

/** An explanation. */
export interface Explanation {
  /** Plugin id. */
  readonly id: string;
  /** Its state. */
  readonly state: PluginState;
  /** Since when, where the journal goes back so far. */
  readonly since: string | undefined;
  /** The state in one sentence. */
  readonly summary: string;
  /** What shows it. */
  readonly evidence: readonly string[];
  /** What would change it: a command, or a sentence. */
  readonly remedy: string | undefined;
  /** The plugins that it waits for: the next first, the one behind it all last. */
  readonly chain: readonly ChainLink[];
  /** Its last crash, where there was one. */
  readonly crash: { readonly time: string; readonly summary: string } | undefined;
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
  /** Its crashes, the newest first. */
  readonly crashes: readonly CrashReport[];
}

/** Explains the present state of a plugin. */
export function explainPlugin({ plugin, plugins, edges, events, crashes }: ExplainFacts): Explanation {
  const { id, state } = plugin;
  const chain = WAITING.has(state) ? findChain(id, { plugins, edges }) : [];
  const crash = crashes[0];
  return {
    id,
    state,
    since: findSince(state, events),
    summary: plugin.message ?? describeState(plugin),
    evidence: [
      ...plugin.problems.map(formatProblem),
      ...describeRequests(plugin),
      ...describeConsent(plugin),
      ...(chain.length === 0 ? [] : [describeChain(chain)]),
      ...plugin.rolledBack === undefined ? [] : [`was rolled back ${describeRolledBack(plugin.rolledBack)}`],
      ...describeNeighbours(plugin, plugins, edges),
      ...describeRestarts(plugin, events),
      ...describeHealth(plugin, events),
      ...describeVersions(plugin, events),
      ...describeDenials(plugin, events),
      ...describeCrossing(events),
      ...(crash === undefined ? [] : [describeCrash(crash)]),
      ...describeExit(events),
    ],
    remedy: (IS_HELD.has(state) ? remedyOfChain(chain) : undefined) ?? plugin.hint ?? remedyOf(plugin),
    chain,
    crash: crash && { time: crash.time, summary: summarizeCrash(crash) },
    events: events.slice(-MAX_EVENTS),
  };
}

function describeCrash(crash: CrashReport): string {
  return `crashed ${crash.time}: ${summarizeCrash(crash)} (cordon crashes ${crash.id} --last)`;
}

/** What would change the one behind it all changes the rest. */
function remedyOfChain(chain: readonly ChainLink[]): string | undefined {
  const root = chain.at(-1);
  return root && (root.hint ?? remedyOf(root) ?? `cordon why ${root.id}`);
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

function remedyOf({ id, state }: Pick<PluginInfo, "id" | "state">): string | undefined {
  switch (state) {
    case "ready":
    case "stopped":
    case "failed":
    case "backoff":
      return `cordon start ${id}`;
    case "running":
      return `cordon stop ${id}`;
    case "degraded":
      return `cordon restart ${id}`;
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
