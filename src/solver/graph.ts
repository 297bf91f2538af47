/**
 * The dependency graph of the plugins present: what is missing or in conflict,
 * cycles, and the stages in which the rest can start. Pure: values in, values out.
 *
 * @module
 */

import { greaterThan, parse, parseRange, satisfies } from "@std/semver";
import { findCycles } from "./cycles.ts";
import { orderStages } from "./stages.ts";

/** A plugin as the graph sees it. */
export interface GraphNode {
  /** Plugin id. */
  readonly id: string;
  /** Its version. */
  readonly version: string;
  /** Index of its phase; a lower one starts earlier. */
  readonly phase: number;
  /** Plugins it cannot run without, id to range. */
  readonly requires: Readonly<Record<string, string>>;
  /** Plugins it uses when they are there, id to range. */
  readonly optional: Readonly<Record<string, string>>;
  /** Plugins it cannot run beside, id to range. */
  readonly conflicts: Readonly<Record<string, string>>;
  /** Capabilities it provides, name to version. */
  readonly provides: Readonly<Record<string, string>>;
  /** Capabilities it uses, by name. */
  readonly uses: Readonly<Record<string, { readonly version: string; readonly optional: boolean }>>;
}

/** Why a plugin cannot start. */
export interface GraphProblem {
  /** Kind of the problem. */
  readonly type: "missing" | "version" | "capability" | "conflict" | "cycle" | "blocked";
  /** One sentence. */
  readonly message: string;
}

/** That one plugin waits for another. */
export interface GraphEdge {
  /** The plugin that waits. */
  readonly from: string;
  /** The plugin that it waits for. */
  readonly to: string;
  /** Whether it starts without. */
  readonly optional: boolean;
  /** What it is about: a range, or the capability's name. */
  readonly label: string;
}

/** A graph resolved. */
export interface DependencyGraph {
  /** Levels that start one after the other, each with its phase; ids are sorted. */
  readonly stages: readonly { readonly phase: number; readonly ids: readonly string[] }[];
  /** Why the others cannot start, by id. */
  readonly problems: ReadonlyMap<string, readonly GraphProblem[]>;
  /** Who waits for whom. */
  readonly edges: readonly GraphEdge[];
  /** Which plugin provides each capability. */
  readonly providers: ReadonlyMap<string, string>;
}

/** A plugin that is there but cannot start for a reason of its own, such as a missing consent. */
export interface UnavailablePlugin {
  /** Plugin id. */
  readonly id: string;
  /** Names of the capabilities it would provide. */
  readonly provides: readonly string[];
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
  { unavailable = [], isIncompatible = () => undefined }: GraphFacts = {},
): DependencyGraph {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const providers = chooseProviders(nodes);
  const absent = new Absences(unavailable);
  const problems = new Map<string, GraphProblem[]>();
  const edges: GraphEdge[] = [];
  const blame = (id: string, problem: GraphProblem) => problems.set(id, [...problems.get(id) ?? [], problem]);

  for (const node of nodes) {
    for (const [id, range] of Object.entries(node.requires)) {
      const problem = checkRequirement(node, { id, range, byId, absent });
      if (problem === undefined) edges.push({ from: node.id, to: id, optional: false, label: range });
      else blame(node.id, problem);
    }
    for (const [id, range] of Object.entries(node.optional)) {
      if (checkRequirement(node, { id, range, byId, absent }) === undefined) {
        edges.push({ from: node.id, to: id, optional: true, label: range });
      }
    }
    for (const [name, use] of Object.entries(node.uses)) {
      const provider = providers.get(name);
      const problem = checkUse(node, { name, range: use.version, provider, absent, isIncompatible });
      if (problem === undefined) {
        edges.push({ from: node.id, to: provider!.id, optional: use.optional, label: name });
      } else if (!use.optional) blame(node.id, problem);
    }
  }
  for (const [id, problem] of findConflicts(nodes, byId)) blame(id, problem);

  const usable = edges.filter((edge) =>
    !edge.optional || byId.get(edge.to)!.phase <= byId.get(edge.from)!.phase
  );
  for (const cycle of findCycles([...byId.keys()], usable.filter((edge) => !edge.optional))) {
    const shown = [...cycle, cycle[0]].map((id) => `"${id}"`).join(" needs ");
    for (const id of cycle) {
      blame(id, { type: "cycle", message: `Cannot start "${id}": ${shown}, which is a cycle` });
    }
  }
  for (const edge of usable) {
    const [from, to] = [byId.get(edge.from)!, byId.get(edge.to)!];
    if (!edge.optional && to.phase > from.phase) {
      blame(from.id, {
        type: "blocked",
        message: `Cannot start "${from.id}": it needs "${to.id}", which belongs to a later phase`,
      });
    }
  }
  spreadProblems(problems, edges);
  return {
    stages: orderStages(nodes.filter(({ id }) => !problems.has(id)), usable),
    problems,
    edges,
    providers: new Map([...providers].map(([name, { id }]) => [name, id])),
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

/** Highest version first, then the id's order. */
function chooseProviders(nodes: readonly GraphNode[]): Map<string, { id: string; version: string }> {
  const providers = new Map<string, { id: string; version: string }>();
  for (const node of [...nodes].sort((a, b) => (a.id < b.id ? -1 : 1))) {
    for (const [name, version] of Object.entries(node.provides)) {
      const chosen = providers.get(name);
      if (chosen === undefined || greaterThan(parse(version), parse(chosen.version))) {
        providers.set(name, { id: node.id, version });
      }
    }
  }
  return providers;
}

/** Words for what is not among the nodes. */
class Absences {
  readonly #ids: ReadonlySet<string>;
  readonly #providers: ReadonlyMap<string, string>;

  constructor(unavailable: readonly UnavailablePlugin[]) {
    this.#ids = new Set(unavailable.map(({ id }) => id));
    this.#providers = new Map(unavailable.flatMap(({ id, provides }) => provides.map((name) => [name, id])));
  }

  describePlugin(id: string): string {
    return this.#ids.has(id) ? "which is there but cannot start" : "which is not there";
  }

  describeCapability(name: string): string {
    const provider = this.#providers.get(name);
    return provider === undefined ? "which nothing provides" : `whose provider "${provider}" cannot start`;
  }
}

function checkRequirement(
  node: GraphNode,
  { id, range, byId, absent }: {
    id: string;
    range: string;
    byId: ReadonlyMap<string, GraphNode>;
    absent: Absences;
  },
): GraphProblem | undefined {
  const target = byId.get(id);
  if (target === undefined) {
    return {
      type: "missing",
      message: `Cannot start "${node.id}": it needs "${id}" ${range}, ${absent.describePlugin(id)}`,
    };
  }
  if (satisfies(parse(target.version), parseRange(range))) return undefined;
  return {
    type: "version",
    message: `Cannot start "${node.id}": it needs "${id}" ${range}, but ${target.version} is there`,
  };
}

function checkUse(
  node: GraphNode,
  { name, range, provider, absent, isIncompatible }: {
    name: string;
    range: string;
    provider: { id: string; version: string } | undefined;
    absent: Absences;
    isIncompatible: NonNullable<GraphFacts["isIncompatible"]>;
  },
): GraphProblem | undefined {
  if (provider === undefined) {
    return {
      type: "capability",
      message: `Cannot start "${node.id}": it uses the capability "${name}" ${range}, ${
        absent.describeCapability(name)
      }`,
    };
  }
  if (!satisfies(parse(provider.version), parseRange(range))) {
    return {
      type: "capability",
      message:
        `Cannot start "${node.id}": it uses the capability "${name}" ${range}, but "${provider.id}" provides ` +
        provider.version,
    };
  }
  const reason = isIncompatible(node.id, provider.id, name);
  if (reason === undefined) return undefined;
  return {
    type: "conflict",
    message: `Cannot start "${node.id}": it was written against another contract of "${name}" than that of ` +
      `"${provider.id}", which provides ${provider.version}: ${reason}`,
  };
}

function* findConflicts(
  nodes: readonly GraphNode[],
  byId: ReadonlyMap<string, GraphNode>,
): Generator<[string, GraphProblem]> {
  for (const node of nodes) {
    for (const [id, range] of Object.entries(node.conflicts)) {
      const other = byId.get(id);
      if (other === undefined || !satisfies(parse(other.version), parseRange(range))) continue;
      yield [node.id, {
        type: "conflict",
        message:
          `Cannot start "${node.id}": it conflicts with "${id}" ${range}, and ${other.version} is there; ` +
          "remove one of the two",
      }];
    }
  }
}

/** Blocks whoever needs a plugin that cannot start, and so on. */
function spreadProblems(problems: Map<string, GraphProblem[]>, edges: readonly GraphEdge[]): void {
  const dependents = Map.groupBy(edges.filter((edge) => !edge.optional), (edge) => edge.to);
  for (const queue = [...problems.keys()]; queue.length > 0;) {
    const blocked = queue.shift()!;
    for (const { from } of dependents.get(blocked) ?? []) {
      if (problems.has(from)) continue;
      problems.set(from, [{
        type: "blocked",
        message: `Cannot start "${from}": it needs "${blocked}", which cannot start`,
      }]);
      queue.push(from);
    }
  }
}
