/**
 * What those that need a plugin do while it is down: as their own manifests
 * say they wait, say that they are degraded, or are stopped and started again.
 *
 * @module
 */

import type { Capabilities } from "../../bus/capabilities.ts";
import type { DependencyGraph } from "../../solver/graph.ts";
import type { PluginEntry, PluginTable } from "../plugin_table.ts";

/** What it takes. */
export interface DependentsContext {
  readonly table: PluginTable;
  readonly resolution: { readonly graph: DependencyGraph };
  readonly capabilities: Pick<Capabilities, "find">;
  readonly runner: { stop(entry: PluginEntry, reason: string): Promise<unknown> };
}

/** The plugins that need others. */
export class Dependents {
  readonly #context: DependentsContext;
  /** Those that are started when what they need is back. */
  readonly #waiting = new Set<string>();

  /** @param context What it takes. */
  constructor(context: DependentsContext) {
    this.#context = context;
  }

  /** Has those that need a plugin do what they do while it is down; settles when those that stop have stopped. */
  async lose(down: PluginEntry): Promise<void> {
    const why = down.state === "backoff" ? "is being started again" : `has ${down.state}`;
    const affected = this.#affectedBy(down);
    for (const entry of affected.filter(({ found }) => found.manifest!.health.dependency === "degrade")) {
      const reason = `"${down.id}" ${why}, which it needs`;
      this.#context.table.judgeHealth(entry, { source: sourceOf(down), status: "degraded", reason });
    }
    const stopping = affected.filter(({ found, instance }) =>
      found.manifest!.health.dependency === "stop" && instance !== undefined
    );
    await Promise.all(stopping.map(async (entry) => {
      await this.lose(entry);
      await this.#context.runner.stop(entry, `"${down.id}" ${why}, which it needs`);
      // It may have ended by itself meanwhile, which is decided about elsewhere.
      if (entry.state === "stopped") this.holdBack(entry, down);
    }));
  }

  /**
   * Takes note that a plugin is back.
   *
   * @returns The ids of those that can be started again now.
   */
  regain(back: PluginEntry): string[] {
    const dependents = this.#dependentsOf(back);
    for (const entry of dependents) {
      if (!entry.degradations.has(sourceOf(back))) continue;
      this.#context.table.judgeHealth(entry, { source: sourceOf(back), status: "ok" });
    }
    return dependents.filter(({ id, state }) => this.#waiting.has(id) && state === "blocked")
      .map(({ id }) => id);
  }

  /** Has a plugin that does not run started when what it needs is back. */
  holdBack(entry: PluginEntry, needed: PluginEntry): void {
    this.#waiting.add(entry.id);
    this.#context.table.move(entry, "blocked", {
      reason: "dependency",
      message: `"${entry.id}" is started again when "${needed.id}" is back, which it needs`,
      hint: `See why: cordon why ${needed.id}`,
    });
  }

  /** Whether a plugin is started when what it needs is back. */
  isHeldBack(entry: PluginEntry): boolean {
    return this.#waiting.has(entry.id) && entry.state === "blocked";
  }

  /** Has it not started by that any more. */
  forget(entry: PluginEntry): void {
    this.#waiting.delete(entry.id);
  }

  /** Those that are without something now: what another plugin serves as well is not missed. */
  #affectedBy(down: PluginEntry): PluginEntry[] {
    const { capabilities } = this.#context;
    return this.#dependentsOf(down).filter(({ found }) => {
      const manifest = found.manifest!;
      if (Object.hasOwn(manifest.requires, down.id)) return true;
      return Object.entries(manifest.uses).some(([name, { optional }]) =>
        !optional && Object.hasOwn(down.found.manifest!.provides, name) &&
        capabilities.find(manifest, name) === undefined
      );
    });
  }

  /** Those that do not start without it. */
  #dependentsOf({ id }: PluginEntry): PluginEntry[] {
    const { table, resolution: { graph } } = this.#context;
    const ids = graph.edges.filter(({ to, optional }) => to === id && !optional).map(({ from }) => from);
    return [...new Set(ids)].map((from) => table.require(from));
  }
}

function sourceOf({ id }: PluginEntry): string {
  return `dependency:${id}`;
}
