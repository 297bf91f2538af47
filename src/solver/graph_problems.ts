/**
 * Why plugins of a dependency graph cannot start, apart from the capabilities
 * they use.
 *
 * @module
 */

import { parse, parseRange, satisfies } from "@std/semver";
import type { GraphEdge, GraphNode, GraphProblem } from "./graph_node.ts";

/** A requirement, and what it is looked up in. */
export interface Requirement {
  /** The plugin required. */
  readonly id: string;
  /** The versions wanted of it. */
  readonly range: string;
  /** The plugins that may start. */
  readonly byId: ReadonlyMap<string, GraphNode>;
  /** Those that are there and cannot. */
  readonly absent: ReadonlySet<string>;
}

/** Why a plugin's requirement is not met; undefined where it is. */
export function checkRequirement(
  node: GraphNode,
  { id, range, byId, absent }: Requirement,
): GraphProblem | undefined {
  const target = byId.get(id);
  const subject = `Cannot start "${node.id}": it needs "${id}" ${range}`;
  if (target === undefined) {
    const state = absent.has(id) ? "which is there but cannot start" : "which is not there";
    return { type: "missing", message: `${subject}, ${state}` };
  }
  if (satisfies(parse(target.version), parseRange(range))) return undefined;
  return { type: "version", message: `${subject}, but ${target.version} is there` };
}

/** Plugins that say of themselves that they cannot run beside another that is there. */
export function* findConflicts(
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

/** That a plugin needs one that starts after it. */
export function describeLate(from: string, to: string): GraphProblem {
  return {
    type: "blocked",
    message: `Cannot start "${from}": it needs "${to}", which belongs to a later phase`,
  };
}

/**
 * Blocks whoever needs a plugin that cannot start, and so on.
 *
 * @param problems Those found so far; what is found is added.
 * @param edges Who cannot start without whom.
 * @param unserved The words for edges that stand for more than one provider.
 */
export function spreadProblems(
  problems: Map<string, GraphProblem[]>,
  { edges, unserved }: { edges: readonly GraphEdge[]; unserved: ReadonlyMap<GraphEdge, string> },
): void {
  const dependents = Map.groupBy(edges, ({ to }) => to);
  for (const queue = [...problems.keys()]; queue.length > 0;) {
    const blocked = queue.shift()!;
    for (const edge of dependents.get(blocked) ?? []) {
      const { from } = edge;
      if (problems.has(from)) continue;
      const why = unserved.get(edge) ?? `it needs "${blocked}", which cannot start`;
      problems.set(from, [{ type: "blocked", message: `Cannot start "${from}": ${why}` }]);
      queue.push(from);
    }
  }
}
