/**
 * The dependency graph of the plugins present: what is missing or in conflict,
 * who serves whom, cycles, and the stages in which the rest can start. Pure:
 * values in, values out.
 *
 * @module
 */

import { bindUses } from "./bindings.ts";
import { findCycles } from "./cycles.ts";
import type { GraphEdge, GraphNode, GraphProblem, UnavailablePlugin } from "./graph_node.ts";
import { checkRequirement, describeLate, findConflicts, spreadProblems } from "./graph_problems.ts";
import { collectOffers, type Offer, type ProviderChoices, selectOffers } from "./offers.ts";
import { findResourceConflicts } from "./resource_conflicts.ts";
import { orderStages } from "./stages.ts";
import { describeMisfit, describeUnserved } from "./unserved_use.ts";

/** A graph resolved. */
export interface DependencyGraph {
  /** Levels that start one after the other, each with its phase; ids are sorted. */
  readonly stages: readonly { readonly phase: number; readonly ids: readonly string[] }[];
  /** Why the others cannot start, by id. */
  readonly problems: ReadonlyMap<string, readonly GraphProblem[]>;
  /** Who waits for whom. */
  readonly edges: readonly GraphEdge[];
  /** Which plugin provides each capability to whoever takes any version of it. */
  readonly providers: ReadonlyMap<string, string>;
  /** Which plugin provides what each plugin uses: by the id of the latter, then by capability. */
  readonly bindings: ReadonlyMap<string, ReadonlyMap<string, string>>;
}

/** What a graph is resolved with. */
export interface GraphOptions {
  /** Plugins that are there but cannot start. @default {none} */
  readonly unavailable?: readonly UnavailablePlugin[];
  /** The one provider to be taken for a capability, whatever others there are. @default {none} */
  readonly choices?: ProviderChoices;
  /** Why what a provider offers does not fit what a consumer was written against; undefined where it does. */
  readonly isIncompatible?: (consumer: string, provider: string, capability: string) => string | undefined;
}

/** A use of a capability, and who could serve it. */
interface GraphUse {
  readonly consumer: GraphNode;
  readonly name: string;
  readonly range: string;
  readonly optional: boolean;
  /** Those within the range, the best first. */
  readonly candidates: readonly string[];
}

/** What is known of the plugins besides their nodes. */
export interface GraphFacts {
  /** Plugins that are there but cannot start. */
  readonly unavailable?: readonly UnavailablePlugin[];
  /** Why what a provider offers does not fit what a consumer was written against; undefined where it does. */
  readonly isIncompatible?: (consumer: string, provider: string, capability: string) => string | undefined;
}

/** Resolves the graph of `nodes`; ids must be unique, those of `unavailable` included. */
export function resolveGraph(
  nodes: readonly GraphNode[],
  { unavailable = [], choices = new Map(), isIncompatible = () => undefined }: GraphOptions = {},
): DependencyGraph {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const absent = new Set(unavailable.map(({ id }) => id));
  const problems = new Map<string, GraphProblem[]>();
  const blame = (id: string, problem: GraphProblem) => problems.set(id, [...problems.get(id) ?? [], problem]);
  const isLate = (from: string, to: string) => byId.get(to)!.phase > byId.get(from)!.phase;

  const needs: GraphEdge[] = [];
  for (const node of nodes) {
    const requirements = [
      ...Object.entries(node.requires).map(([id, range]) => ({ id, range, optional: false })),
      ...Object.entries(node.optional).map(([id, range]) => ({ id, range, optional: true })),
    ];
    for (const { id, range, optional } of requirements) {
      const problem = checkRequirement(node, { id, range, byId, absent });
      if (problem === undefined) {
        needs.push({ from: node.id, to: id, optional, label: range });
        if (!optional && isLate(node.id, id)) blame(node.id, describeLate(node.id, id));
      } else if (!optional) blame(node.id, problem);
    }
  }
  for (const [id, problem] of findConflicts(nodes, byId)) blame(id, problem);
  for (const [id, message] of findResourceConflicts(nodes)) {
    blame(id, { type: "conflict", message, hint: "Have both manifests say the same under [resources]" });
  }

  const offers = collectOffers(nodes);
  const uses = nodes.flatMap((node) => listUses(node, { offers, choices, isIncompatible }));
  const { startable, bindings } = bindUses({
    ids: nodes.map(({ id }) => id).filter((id) => !problems.has(id)),
    needs: needs.filter(({ optional }) => !optional),
    uses: uses.map(({ consumer: { id: consumer }, candidates, ...use }) => ({
      ...use,
      consumer,
      candidates: use.optional ? candidates : candidates.filter((id) => !isLate(consumer, id)),
    })),
  });

  const served: GraphEdge[] = [];
  /** Why nothing serves an edge, where that takes more words than its two plugins. */
  const unserved = new Map<GraphEdge, string>();
  const everyOffer = collectOffers([...nodes, ...unavailable]);
  for (const { consumer: { id }, name, range, optional, candidates } of uses) {
    const binding = bindings.get(id)?.get(name);
    if (binding !== undefined) served.push({ from: id, to: binding, optional, label: name });
    if (binding !== undefined || optional) continue;
    const choice = choices.get(name);
    const others = (everyOffer.get(name) ?? []).filter((offer) => offer.id !== id);
    const isThere = (one: string) => byId.has(one) || absent.has(one);
    const why = describeUnserved({ name, range, choice, offers: others, isThere });
    // What it would take shows what it waits for.
    const hoped = candidates.find((one) => !isLate(id, one)) ?? candidates[0];
    if (hoped === undefined) {
      const inRange = selectOffers(offers.get(name) ?? [], { consumer: id, range, choice });
      const misfit = describeMisfit(name, inRange, (provider) => isIncompatible(id, provider, name));
      const message = `Cannot start "${id}": ${misfit ?? why}`;
      blame(
        id,
        misfit === undefined
          ? { type: "capability", message, hint: `See who provides what: cordon capabilities ${name}` }
          : {
            type: "conflict",
            message,
            hint: `Write its types anew, and its code after them: cordon types ${id}`,
          },
      );
      continue;
    }
    const edge: GraphEdge = { from: id, to: hoped, optional, label: name };
    served.push(edge);
    if (isLate(id, hoped)) blame(id, describeLate(id, hoped));
    if (choice !== undefined || candidates.length > 1) unserved.set(edge, why);
  }

  const edges = [...needs, ...served];
  const usable = edges.filter(({ from, to, optional }) => !optional || !isLate(from, to));
  const required = usable.filter(({ optional }) => !optional);
  for (const cycle of findCycles([...byId.keys()], required)) {
    const shown = [...cycle, cycle[0]].map((id) => `"${id}"`).join(" needs ");
    for (const id of cycle) {
      blame(id, { type: "cycle", message: `Cannot start "${id}": ${shown}, which is a cycle` });
    }
  }
  spreadProblems(problems, { edges: required, unserved });
  return {
    stages: orderStages(nodes.filter(({ id }) => !problems.has(id)), usable),
    problems,
    edges,
    providers: choosePreferred(offers, { choices, startable }),
    bindings,
  };
}

/** Everything that `ids` wait for, themselves included. */
export function closureOf(ids: readonly string[], edges: readonly GraphEdge[]): Set<string> {
  const needs = Map.groupBy(edges, ({ from }) => from);
  const closure = new Set(ids);
  // A set grows while it is walked, and the walk takes in what was added.
  for (const id of closure) {
    for (const { to } of needs.get(id) ?? []) closure.add(to);
  }
  return closure;
}

/** Everything that cannot run without `id`, itself included. */
export function dependentsOf(id: string, edges: readonly GraphEdge[]): Set<string> {
  const dependents = new Set([id]);
  for (const needed of dependents) {
    for (const { from, to, optional } of edges) if (to === needed && !optional) dependents.add(from);
  }
  return dependents;
}

function listUses(
  consumer: GraphNode,
  { offers, choices, isIncompatible }: {
    offers: ReadonlyMap<string, readonly Offer[]>;
    choices: ProviderChoices;
    isIncompatible: NonNullable<GraphOptions["isIncompatible"]>;
  },
): GraphUse[] {
  return Object.entries(consumer.uses).map(([name, { version: range, optional }]) => {
    const explainMisfit = (provider: string) => isIncompatible(consumer.id, provider, name);
    const demand = { consumer: consumer.id, range, choice: choices.get(name), explainMisfit };
    const candidates = selectOffers(offers.get(name) ?? [], demand).map(({ id }) => id);
    return { consumer, name, range, optional, candidates };
  });
}

/** The one chosen, where it provides the capability; else the best that can start, else the best. */
function choosePreferred(
  offers: ReadonlyMap<string, readonly Offer[]>,
  { choices, startable }: { choices: ProviderChoices; startable: ReadonlySet<string> },
): Map<string, string> {
  const preferred = new Map<string, string>();
  for (const [name, list] of offers) {
    const choice = choices.get(name);
    const chosen = choice === undefined
      ? list.find(({ id }) => startable.has(id)) ?? list[0]
      : list.find(({ id }) => id === choice.id);
    if (chosen !== undefined) preferred.set(name, chosen.id);
  }
  return preferred;
}
