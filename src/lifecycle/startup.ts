/**
 * Starts plugins stage by stage: everything in a stage at once, within a
 * bound; a failure holds back those who depend on it and nobody else.
 *
 * @module
 */

import type { GraphEdge } from "../solver/graph_node.ts";

/** One start, and what came of it. */
export interface StartOutcome {
  /** Plugin id. */
  readonly id: string;
  /** Why it did not start; undefined when it did. */
  readonly error: unknown;
}

/** How a staged start is carried out. */
export interface StartupOptions {
  /** Who waits for whom. */
  readonly edges: readonly GraphEdge[];
  /** Starts at once at most. */
  readonly concurrency: number;
  /** Starts one plugin. */
  readonly start: (id: string) => Promise<void>;
  /** Called for a plugin that is not started because `dependency` did not. */
  readonly skip: (id: string, dependency: string) => void;
  /** Ends the start between two plugins. */
  readonly signal?: AbortSignal;
}

/** Starts the plugins of each stage, one stage after the other. */
export async function startStages(
  stages: readonly (readonly string[])[],
  { edges, concurrency, start, skip, signal }: StartupOptions,
): Promise<StartOutcome[]> {
  const needs = Map.groupBy(edges.filter(({ optional }) => !optional), ({ from }) => from);
  const outcomes: StartOutcome[] = [];
  const failed = new Set<string>();
  for (const stage of stages) {
    const queue: string[] = [];
    for (const id of stage) {
      const dependency = (needs.get(id) ?? []).find(({ to }) => failed.has(to))?.to;
      if (dependency === undefined) {
        queue.push(id);
        continue;
      }
      failed.add(id);
      skip(id, dependency);
      outcomes.push({ id, error: new Error(`"${dependency}" did not start`) });
    }
    const worker = async () => {
      for (let id = queue.shift(); id !== undefined && !signal?.aborted; id = queue.shift()) {
        try {
          await start(id);
          outcomes.push({ id, error: undefined });
        } catch (error) {
          failed.add(id);
          outcomes.push({ id, error });
        }
      }
    };
    await Promise.all(Array.from({ length: Math.min(concurrency, queue.length) }, worker));
  }
  signal?.throwIfAborted();
  return outcomes;
}
