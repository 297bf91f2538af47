/**
 * Starts plugins again that ended, by their restart policies, and gives up
 * those that end too often.
 *
 * @module
 */

import type { Capabilities } from "../../bus/capabilities.ts";
import { errorMessage } from "../../errors.ts";
import type { DependencyGraph } from "../../solver/graph.ts";
import { describeEnd, type IncarnationEnd } from "../incarnation_end.ts";
import type { PluginInstance } from "../instance.ts";
import type { MoveDetail, PluginEntry, PluginTable } from "../plugin_table.ts";
import type { Registry } from "../registry.ts";
import { CallGate } from "./call_gate.ts";
import type { Dependents } from "./dependents.ts";
import { Recovery } from "./recovery.ts";
import type { EndKind } from "./restart_policy.ts";
import { type BackoffFacts, describeBackoff, describeGivenUp, type GaveUpFacts } from "./restart_words.ts";

/** What a supervisor reaches. */
export interface SupervisorContext {
  readonly table: PluginTable;
  readonly registry: Pick<Registry, "note">;
  readonly resolution: { readonly graph: DependencyGraph };
  /** Told whose calls wait for whom. */
  readonly capabilities: Pick<Capabilities, "suspend" | "resume">;
  /** Starts plugins with what they need. */
  readonly conductor: {
    start(entry: PluginEntry): Promise<PluginInstance>;
    startThese(ids: readonly string[]): Promise<void>;
  };
  readonly dependents: Dependents;
  /** Told of what went wrong without being anybody's state. */
  readonly onNotice: (message: string) => void;
}

/** Decides where plugins go that ended or did not start, and brings them back. */
export class Supervisor {
  readonly #context: SupervisorContext;
  readonly #recoveries = new WeakMap<PluginEntry, Recovery>();
  /** Starts and stops that are under way. */
  readonly #moves = new Set<Promise<void>>();
  #isPaused = false;

  /** Stands before the calls to plugins that do not run. */
  readonly gate: CallGate;

  /** @param context What it reaches. */
  constructor(context: SupervisorContext) {
    this.#context = context;
    this.gate = new CallGate({
      recoveryOf: (entry) => this.#recoveryOf(entry),
      start: (entry) => context.conductor.start(entry),
    });
  }

  /** Takes note that a plugin runs. */
  noteRunning(entry: PluginEntry): void {
    const recovery = this.#recoveryOf(entry);
    recovery.policy.noteRunning();
    recovery.hasRun = true;
    recovery.breaker.close();
    recovery.noteChange();
    const { capabilities, conductor, dependents } = this.#context;
    capabilities.resume(entry.id);
    dependents.forget(entry);
    const ids = dependents.regain(entry);
    if (ids.length > 0 && !this.#isPaused) this.#do(() => conductor.startThese(ids));
  }

  /** Moves a plugin that ended without having been stopped to where its policy puts it. */
  noteEnd(entry: PluginEntry, end: Omit<IncarnationEnd, "wasAsked">): void {
    const { exit: { code, signal, rung, reason }, breach, illness } = end;
    const isClean = code === 0 && [breach, illness, signal, rung, reason].every((fact) => fact === undefined);
    this.#settle(entry, isClean ? "clean" : "failed", describeEnd(entry.id, end));
  }

  /** Moves a plugin that did not start; whoever started it the first time is told, and nobody tries again. */
  noteFailedStart(entry: PluginEntry, detail: MoveDetail): void {
    this.#settle(entry, "failed", detail);
  }

  /** Whether a plugin is started by its next restart or an administrator only. */
  isHeld(entry: PluginEntry): boolean {
    return this.#recoveryOf(entry).isHeld;
  }

  /** Whether a plugin that does not run is to be started again. */
  isComing(entry: PluginEntry): boolean {
    return entry.state === "backoff" || this.#context.dependents.isHeldBack(entry);
  }

  /**
   * Has a plugin that does not run not started again.
   *
   * @returns Whether it would have been.
   */
  cancel(entry: PluginEntry, reason: string): boolean {
    if (!this.isComing(entry)) return false;
    this.reset(entry);
    if (entry.state === "backoff") {
      this.#context.table.move(entry, "stopped", { message: `Stopped: ${reason}` });
    }
    return true;
  }

  /** Has a plugin that does not run tried as if nothing had been. */
  reset(entry: PluginEntry): void {
    this.#context.dependents.forget(entry);
    this.#context.capabilities.resume(entry.id);
    this.#recoveries.get(entry)?.reset();
  }

  /** Forgets what was before the host started. */
  begin(): void {
    for (const entry of this.#context.table.list()) {
      if (entry.instance === undefined && !this.cancel(entry, "the host starts")) this.reset(entry);
    }
  }

  /** Starts nothing again until it is resumed; settles when nothing is under way. */
  async pause(): Promise<void> {
    this.#isPaused = true;
    for (const entry of this.#context.table.list()) this.#recoveries.get(entry)?.cancel();
    while (this.#moves.size > 0) await Promise.all(this.#moves);
  }

  /** Starts plugins again from now on. */
  resume(): void {
    this.#isPaused = false;
  }

  #settle(entry: PluginEntry, kind: EndKind, detail: MoveDetail): void {
    const { table, registry, capabilities } = this.#context;
    const recovery = this.#recoveryOf(entry);
    const reason = recovery.reason = detail.message ?? "";
    // A version that waited takes its place; nothing starts before that is admitted.
    const isOver = this.#isPaused || entry.pending !== undefined;
    const decision = recovery.policy.decide(kind);
    if (decision.type === "leave" || isOver || !recovery.hasRun) {
      table.move(entry, kind === "clean" ? "stopped" : "failed", detail);
      if (kind === "failed") {
        recovery.breaker.fail(recovery.policy.failures, recovery.policy.drawDelay());
      }
    } else if (decision.type === "give_up") {
      const { count: restarts, periodMs } = decision.limit;
      registry.note("plugin.gave_up", { restarts, periodMs, reason } satisfies GaveUpFacts, entry.id);
      recovery.giveUp();
      recovery.breaker.fail(recovery.policy.failures, Infinity);
      table.move(entry, "failed", describeGivenUp(entry.id, detail, decision.limit));
    } else {
      const { attempt, delayMs } = decision;
      registry.note("plugin.backoff", { attempt, delayMs, reason } satisfies BackoffFacts, entry.id);
      recovery.breaker.fail(attempt, delayMs);
      recovery.schedule(delayMs, () => this.#do(() => this.#restart(entry, recovery)));
      table.move(entry, "backoff", describeBackoff(entry.id, detail, decision));
    }
    if (recovery.isHeld) {
      capabilities.suspend(entry.id, async (options) => void await this.gate.enter(entry, options));
    }
    recovery.noteChange();
    if (!isOver) this.#do(() => this.#lose(entry));
  }

  async #lose(entry: PluginEntry): Promise<void> {
    const { conductor, dependents } = this.#context;
    await dependents.lose(entry);
    // It may have come back while they were being stopped.
    if (entry.instance !== undefined && !this.#isPaused) await conductor.startThese(dependents.regain(entry));
  }

  async #restart(entry: PluginEntry, recovery: Recovery): Promise<void> {
    const { table, conductor, dependents, resolution: { graph } } = this.#context;
    const needed = graph.edges.filter(({ from, optional }) => from === entry.id && !optional)
      .map(({ to }) => table.require(to));
    const missing = needed.find((other) => this.isHeld(other) || dependents.isHeldBack(other));
    if (missing !== undefined) return dependents.holdBack(entry, missing);
    recovery.breaker.probe();
    recovery.policy.noteRestart();
    await conductor.startThese([entry.id]);
    // What it needs did not start.
    const failed = needed.find(({ instance }) => instance === undefined);
    if (failed !== undefined && entry.state === "blocked") dependents.holdBack(entry, failed);
  }

  #recoveryOf(entry: PluginEntry): Recovery {
    const manifest = entry.found.manifest!;
    const known = this.#recoveries.get(entry);
    if (known?.manifest === manifest) return known;
    // Another version has another past.
    known?.cancel();
    const recovery = new Recovery(manifest);
    this.#recoveries.set(entry, recovery);
    return recovery;
  }

  /** Keeps account of what runs beside; starts that fail are states of plugins, and fail nothing here. */
  #do(move: () => Promise<void>): void {
    const moving = move().catch((error) => {
      if (!this.#isPaused) this.#context.onNotice(`Cannot bring plugins back: ${errorMessage(error)}`);
    }).finally(() => this.#moves.delete(moving));
    this.#moves.add(moving);
  }
}
