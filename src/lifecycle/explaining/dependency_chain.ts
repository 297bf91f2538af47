/**
 * What a plugin waits for in the end: not the next plugin only, but the one
 * behind it all. Pure.
 *
 * @module
 */

import type { GraphEdge } from "../../solver/graph_node.ts";
import type { PluginSummary } from "../plugin_summary.ts";
import type { PluginState } from "../state.ts";

/** States in which a plugin keeps those that need it from running. */
const HOLDING: ReadonlySet<PluginState> = new Set([
  "invalid",
  "blocked",
  "starting",
  "reloading",
  "stopping",
  "stopped",
  "backoff",
  "failed",
]);

/** A plugin that another waits for. */
export interface ChainLink {
  /** Plugin id. */
  readonly id: string;
  /** Its state. */
  readonly state: PluginState;
  /** Why it is in that state, where somebody said so. */
  readonly message?: string;
  /** What to do about it. */
  readonly hint?: string;
}

/** The plugins that one waits for, the next first and the one behind it all last; empty when there is none. */
export function findChain(
  id: string,
  { plugins, edges }: { readonly plugins: readonly PluginSummary[]; readonly edges: readonly GraphEdge[] },
): ChainLink[] {
  const known = new Map(plugins.map((plugin) => [plugin.id, plugin]));
  const seen = new Set([id]);
  const follow = (from: string): ChainLink[] => {
    let longest: ChainLink[] = [];
    for (const edge of edges) {
      const next = known.get(edge.to);
      if (edge.from !== from || edge.optional || next === undefined || seen.has(edge.to)) continue;
      if (!HOLDING.has(next.state)) continue;
      seen.add(edge.to);
      const chain = [toLink(next), ...follow(edge.to)];
      if (chain.length > longest.length) longest = chain;
    }
    return longest;
  };
  return follow(id);
}

/** The chain as one sentence without its subject. */
export function describeChain(chain: readonly ChainLink[]): string {
  const { id, state, message } = chain.at(-1)!;
  const between = chain.slice(0, -1).map((link) => `waits for "${link.id}", which `).join("");
  return `${between}waits for "${id}", which is ${state}${message === undefined ? "" : `: ${message}`}`;
}

function toLink({ id, state, message, hint }: PluginSummary): ChainLink {
  return {
    id,
    state,
    ...(message === undefined ? {} : { message }),
    ...(hint === undefined ? {} : { hint }),
  };
}
