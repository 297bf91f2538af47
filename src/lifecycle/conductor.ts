/**
 * Starts and stops plugins in the order of their dependencies.
 *
 * @module
 */

import { CordonError } from "../errors.ts";
import { closureOf, type DependencyGraph, dependentsOf } from "../solver/graph.ts";
import type { GraphEdge } from "../solver/graph_node.ts";
import { startsOnCall, startsWithHost } from "./activation.ts";
import type { PluginInstance } from "./instance.ts";
import type { PluginEntry, PluginTable } from "./plugin_table.ts";
import type { PluginRunner } from "./runner.ts";
import { startStages } from "./startup.ts";
import type { PluginState } from "./state.ts";

/** States from which a plugin can be started. */
const STARTABLE: ReadonlySet<PluginState> = new Set(["ready", "stopped", "failed", "backoff"]);

/** What the conductor needs. */
export interface ConductorContext {
  /** The plugins. */
  readonly table: PluginTable;
  /** Who waits for whom, as it is now. */
  readonly resolution: { readonly graph: DependencyGraph };
  /** Starts and stops one. */
  readonly runner: PluginRunner;
  /** Starts plugins again that ended. */
  readonly supervisor: {
    /** Whether nobody else may start a plugin. */
    isHeld(entry: PluginEntry): boolean;
    /** Whether a plugin that does not run is to be started again. */
    isComing(entry: PluginEntry): boolean;
    /** Has a plugin tried as if nothing had been. */
    reset(entry: PluginEntry): void;
  };
  /** Starts at once at most. */
  readonly concurrency: number;
  /** Ends a start between two plugins. */
  readonly signal: AbortSignal | undefined;
}

/** A start that several may wait for. */
interface SharedStart {
  /** The plugins that have to run for it, the one that is started included. */
  readonly needed: ReadonlySet<string>;
  readonly running: Promise<PluginInstance>;
}

/** Starts and stops plugins with those they need and those that need them. */
export class Conductor {
  readonly #context: ConductorContext;
  readonly #starts = new Map<string, SharedStart>();
  /** Who waits for whom at a start, of the graph that it was read from. */
  #awaited: { readonly graph: DependencyGraph; readonly edges: readonly GraphEdge[] } | undefined;
  #isStarted = false;
  /** Ends starts between two plugins while the host stops. */
  #halt = new AbortController();
  #stops = 0;

  /** @param context What it needs. */
  constructor(context: ConductorContext) {
    this.#context = context;
  }

  /** Whether the host has started: what becomes ready later is started then. */
  get isStarted(): boolean {
    return this.#isStarted;
  }

  /** Starts every plugin that starts with the host, with what it cannot run without. */
  async startAll(): Promise<void> {
    this.#isStarted = true;
    const atStart = this.#context.resolution.graph.stages.flatMap(({ ids }) => ids)
      .filter((id) => startsWithHost(this.#entry(id).found.manifest!));
    const needed = closureOf(atStart, this.#edges.filter(({ optional }) => !optional));
    await this.#startStages((id) => needed.has(id));
  }

  /**
   * Starts a plugin with everything that has to run before it; who asks while it starts waits with the
   * others, and one that is being stopped for idleness is waited for and started again.
   *
   * @throws {CordonError} Why it does not run then; `not_running` while the host stops.
   */
  start(entry: PluginEntry): Promise<PluginInstance> {
    const { instance, idling } = entry;
    if (instance !== undefined && idling === undefined) return Promise.resolve(instance);
    const known = this.#starts.get(entry.id);
    if (known !== undefined) return known.running;
    const needed = this.needsOf(entry.id);
    const running = this.#start(entry, needed).finally(() => this.#starts.delete(entry.id));
    this.#starts.set(entry.id, { needed, running });
    return running;
  }

  /** The plugins that have to run before a plugin does, itself included; of one that runs, none. */
  needsOf(id: string): ReadonlySet<string> {
    const known = this.#starts.get(id)?.needed;
    if (known !== undefined) return known;
    const { table } = this.#context;
    const entry = table.find(id);
    if (entry?.instance !== undefined && entry.idling === undefined) return new Set();
    // What can be done without is started before it, but not waited for where others start it.
    const edges = this.#edges.filter(({ to, optional }) =>
      !optional || this.#entry(to).starting === undefined
    );
    return closureOf([id], edges);
  }

  async #start(entry: PluginEntry, needed: ReadonlySet<string>): Promise<PluginInstance> {
    const { table, resolution: { graph }, signal } = this.#context;
    const { signal: halt } = this.#halt;
    await entry.idling;
    halt.throwIfAborted();
    if (entry.instance !== undefined) return entry.instance;
    if (entry.admitted === undefined || (entry.state === "blocked" && graph.problems.has(entry.id))) {
      throw table.refusal(entry);
    }
    this.#assertNoneHeld(entry);
    await this.#startStages(
      (id) => needed.has(id),
      signal === undefined ? halt : AbortSignal.any([signal, halt]),
    );
    if (entry.instance === undefined) throw table.refusal(entry);
    return entry.instance;
  }

  /** Has a plugin, and what it needs, started as if nothing had been. */
  resetWithNeeds({ id }: PluginEntry): void {
    const { resolution: { graph }, supervisor } = this.#context;
    for (const needed of closureOf([id], graph.edges)) {
      const entry = this.#entry(needed);
      if (entry.instance === undefined) supervisor.reset(entry);
    }
  }

  /**
   * Starts a plugin without anything it needs.
   *
   * @throws {CordonError} Why it does not run then.
   */
  async startAlone(entry: PluginEntry): Promise<void> {
    const { table, runner, signal } = this.#context;
    if (entry.admitted === undefined) throw table.refusal(entry);
    // What it needs is not there, and is not asked for.
    if (entry.state === "blocked") table.move(entry, "ready");
    await runner.start(entry, { signal });
  }

  /** Stops a plugin that was started alone: nothing there is knows when it is its turn. */
  async stopAlone(entry: PluginEntry, reason: string): Promise<void> {
    await this.#context.runner.stop(entry, reason);
  }

  /** Starts some plugins with what they need; one that fails says so by its state. */
  async startThese(ids: readonly string[]): Promise<void> {
    const needed = closureOf(ids, this.#edges);
    await this.#startStages((id) => needed.has(id));
  }

  /**
   * Stops a plugin after those that need it; returns those stopped, in that order.
   *
   * @throws {CordonError} `not_running`.
   */
  async stop(entry: PluginEntry, reason: string): Promise<string[]> {
    const { id, state, instance, starting } = entry;
    if (instance === undefined && starting === undefined && !this.#context.supervisor.isComing(entry)) {
      throw new CordonError("not_running", `Cannot stop "${id}": it is ${state}`, {
        hint: `See why: cordon why ${id}`,
      });
    }
    return await this.stopWithDependents(id, reason);
  }

  /** Stops a plugin with those that need it, and starts them again. */
  async restart(entry: PluginEntry): Promise<void> {
    const stopped = entry.instance === undefined ? [] : await this.stop(entry, "restarted");
    this.resetWithNeeds(entry);
    for (const id of [entry.id, ...stopped.reverse()]) await this.start(this.#entry(id));
  }

  /** Stops every plugin, dependents first; meanwhile none is started because it is called. */
  async stopAll(reason: string): Promise<void> {
    this.#isStarted = false;
    this.#stops++;
    this.#halt.abort(new CordonError("not_running", `Cannot start a plugin: ${reason}`));
    try {
      for (const { ids } of this.#context.resolution.graph.stages.toReversed()) {
        await Promise.all(ids.map((id) => this.#stop(this.#entry(id), reason)));
      }
    } finally {
      if (--this.#stops === 0) this.#halt = new AbortController();
    }
  }

  async #stop(entry: PluginEntry, reason: string): Promise<void> {
    await entry.idling;
    await this.#context.runner.stop(entry, reason);
  }

  /** Stops a plugin after those that need it; returns those stopped, in that order. */
  async stopWithDependents(id: string, reason: string): Promise<string[]> {
    const { resolution: { graph }, runner } = this.#context;
    const affected = dependentsOf(id, graph.edges);
    const stopped: string[] = [];
    for (const { ids } of graph.stages.toReversed()) {
      for (const other of ids.filter((other) => affected.has(other))) {
        if (await runner.stop(this.#entry(other), reason)) stopped.push(other);
      }
    }
    return stopped;
  }

  /** Whoever waits for a plugin that is down fails without anything being tried. */
  #assertNoneHeld(entry: PluginEntry): void {
    const { table, supervisor } = this.#context;
    const required = closureOf([entry.id], this.#edges.filter(({ optional }) => !optional));
    const down = [...required].map((id) => this.#entry(id)).find((other) => supervisor.isHeld(other));
    if (down === undefined) return;
    if (down === entry) throw table.refusal(entry);
    throw new CordonError("dependency", `Cannot start "${entry.id}": it needs "${down.id}", which is down`, {
      hint: `See why: cordon why ${down.id}`,
      facts: { id: entry.id, needs: down.id },
    });
  }

  /** Who waits for whom at a start: nobody for what starts when it is called. */
  get #edges(): readonly GraphEdge[] {
    const { graph } = this.#context.resolution;
    if (this.#awaited?.graph !== graph) {
      const isAwaited = ({ found: { manifest } }: PluginEntry) =>
        manifest === undefined || !startsOnCall(manifest);
      const edges = graph.edges.filter(({ to }) => isAwaited(this.#entry(to)));
      this.#awaited = { graph, edges };
    }
    return this.#awaited.edges;
  }

  async #startStages(
    isWanted: (id: string) => boolean,
    until: AbortSignal | undefined = this.#context.signal,
  ): Promise<void> {
    const { table, resolution: { graph }, runner, supervisor, concurrency, signal } = this.#context;
    await startStages(graph.stages.map(({ ids }) => ids.filter(isWanted)), {
      edges: this.#edges,
      concurrency,
      start: async (id) => {
        const entry = this.#entry(id);
        if (supervisor.isHeld(entry)) throw table.refusal(entry);
        // What a dependency once held back may be tried again.
        if (entry.state === "blocked" && entry.admitted !== undefined && !graph.problems.has(id)) {
          table.move(entry, "ready");
        }
        await runner.start(entry, { signal });
      },
      skip: (id, dependency) => {
        const entry = this.#entry(id);
        if (!STARTABLE.has(entry.state)) return;
        table.move(entry, "blocked", {
          reason: "dependency",
          message: `Cannot start "${id}": it needs "${dependency}", which did not start`,
          hint: `See why: cordon why ${dependency}`,
        });
      },
      signal: until,
    });
  }

  #entry(id: string): PluginEntry {
    return this.#context.table.find(id)!;
  }
}
