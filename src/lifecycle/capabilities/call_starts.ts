/**
 * Plugins that are started by calls: while such a plugin can start it is there
 * for those who use what it provides, and their first call starts it.
 *
 * @module
 */

import type { Capabilities } from "../../bus/capabilities.ts";
import type { CapabilityCallOptions, Provider } from "../../bus/provider.ts";
import { CordonError } from "../../errors.ts";
import type { GraphOptions } from "../../solver/graph.ts";
import { startsOnCall } from "../activation.ts";
import type { Conductor } from "../conductor.ts";
import type { PluginInstance } from "../instance.ts";
import type { PluginEntry, PluginTable } from "../plugin_table.ts";
import type { Resolution } from "../resolution.ts";
import { waitForStart } from "../start_wait.ts";
import { StartWaits } from "../start_waits.ts";
import type { CallGate } from "../supervision/call_gate.ts";
import type { PluginState } from "../state.ts";
import { createDemandProvider } from "./demand_provider.ts";
import { describeProvided } from "./provided_capability.ts";

/** States in which a call starts a plugin, or finds it started. */
const OFFERED: ReadonlySet<PluginState> = new Set([
  "ready",
  "starting",
  "running",
  "degraded",
  "reloading",
  "backoff",
  "failed",
]);

/** Those in which a call tries what failed before. */
const FAILED: ReadonlySet<PluginState> = new Set(["backoff", "failed", "blocked"]);

/** What it needs. */
export interface CallStartsContext {
  readonly table: PluginTable;
  readonly conductor: Pick<Conductor, "needsOf">;
  /** Starts plugins for calls, those that are not down. */
  readonly gate: Pick<CallGate, "enter">;
  readonly resolution: Pick<Resolution, "graph">;
  readonly capabilities: Pick<Capabilities, "offer" | "findRunning">;
  /** Why what a provider offers does not fit what a consumer was written against. */
  readonly isIncompatible: NonNullable<GraphOptions["isIncompatible"]>;
}

/** What is offered of a plugin. */
interface Offered {
  readonly manifest: PluginEntry["found"]["manifest"];
  readonly hasFailed: boolean;
}

/** Starts plugins by calls of other plugins. */
export class CallStarts {
  readonly #context: CallStartsContext;
  readonly #offered = new Map<string, Offered>();
  readonly #waits: StartWaits;

  /** @param context What it needs. */
  constructor(context: CallStartsContext) {
    this.#context = context;
    this.#waits = new StartWaits((id) => context.conductor.needsOf(id));
    for (const entry of context.table.list()) this.#refresh(entry);
    context.table.watch((entry) => this.#refresh(entry));
  }

  /** Makes plugins that were stopped with the host ready again. */
  begin(): void {
    const { table } = this.#context;
    for (const entry of table.list()) {
      const { manifest } = entry.found;
      if (entry.state !== "stopped" || entry.admitted === undefined) continue;
      if (manifest !== undefined && startsOnCall(manifest)) table.move(entry, "ready");
    }
  }

  /** Offers what a plugin provides, or takes that back, by how it stands. */
  #refresh(entry: PluginEntry): void {
    const { found: { manifest }, id, state } = entry;
    const before = this.#offered.get(id);
    if (manifest === undefined || !this.#isOffered(entry)) {
      if (this.#offered.delete(id)) this.#context.capabilities.offer(id, new Map());
      return;
    }
    const hasFailed = FAILED.has(state);
    if (before?.manifest === manifest && before.hasFailed === hasFailed) return;
    this.#offered.set(id, { manifest, hasFailed });
    const { capabilities, isIncompatible } = this.#context;
    const providers = Object.keys(manifest.provides).map((name): [string, Provider] => [
      name,
      createDemandProvider({
        ...describeProvided(manifest, name),
        hasFailed,
        isIncompatible: (consumer) => isIncompatible(consumer, id, name),
        start: (method, options) => this.#start(entry, method, options),
        findRunning: () => capabilities.findRunning(name, id),
      }),
    ]);
    capabilities.offer(id, new Map(providers));
  }

  #isOffered(entry: PluginEntry): boolean {
    const { found: { manifest }, id, state, detail, admitted, idling } = entry;
    if (manifest === undefined || admitted === undefined || !startsOnCall(manifest)) return false;
    if (this.#context.table.find(id) !== entry) return false;
    if (OFFERED.has(state)) return true;
    if (idling !== undefined && (state === "stopping" || state === "stopped")) return true;
    // What it needs did not start, which may be different the next time.
    return state === "blocked" && detail.reason === "dependency" &&
      !this.#context.resolution.graph.problems.has(id);
  }

  async #start(
    entry: PluginEntry,
    method: string,
    { caller, timeoutMs, cancellation }: CapabilityCallOptions,
  ): Promise<PluginInstance> {
    const { gate, table } = this.#context;
    // A plugin that runs can wait without holding up a start.
    const isHoldingUp = caller !== undefined && table.find(caller)?.state === "starting";
    using _waiting = isHoldingUp ? this.#waits.enter(caller, entry.id) : undefined;
    const running = gate.enter(entry, { timeoutMs, cancellation }).catch((cause) => {
      throw explainAbsence(entry, method, cause);
    });
    return await waitForStart(running, { method, timeoutMs, cancellation });
  }
}

/** Why a plugin is not there, for those who call it: what it said itself is for its administrator. */
function explainAbsence({ id, state }: PluginEntry, method: string, cause: unknown): CordonError {
  const subject = `Cannot call "${method}": "${id}"`;
  if (cause instanceof CordonError && cause.code === "plugin_down") {
    return new CordonError("plugin_down", `${subject} is down`, {
      facts: { id, retryAfterMs: cause.facts.retryAfterMs },
      cause,
    });
  }
  const message = `${subject}, which starts when it is called, did not`;
  return new CordonError("capability_unavailable", message, { facts: { id, state }, cause });
}
