/**
 * Calls from outside the plugins: what they need is started first, and a
 * method that may be repeated is called again where its plugin ended.
 *
 * @module
 */

import { MAX_ATTEMPTS } from "../bus/repeated_call.ts";
import { CordonError } from "../errors.ts";
import { guardCalls } from "./capabilities/contract_guard.ts";
import type { HostCallOptions } from "./host_options.ts";
import type { PluginInstance } from "./instance.ts";
import type { PluginEntry, PluginTable } from "./plugin_table.ts";
import type { Resolution } from "./resolution.ts";
import type { CallGate } from "./supervision/call_gate.ts";
import { waitForStart } from "./start_wait.ts";

/** What it reaches. */
export interface HostCallsContext {
  readonly table: PluginTable;
  readonly resolution: Pick<Resolution, "graph">;
  /** Starts what is called and does not run, or waits for it. */
  readonly gate: Pick<CallGate, "enter">;
}

/** A call from outside. */
interface HostCall {
  readonly target: string;
  readonly method: string;
  readonly args: readonly unknown[];
  readonly options: HostCallOptions;
}

/** Calls plugins. */
export class HostCalls {
  readonly #context: HostCallsContext;

  /** @param context What it reaches. */
  constructor(context: HostCallsContext) {
    this.#context = context;
  }

  /** Calls a method of a plugin or capability. */
  call(call: HostCall): Promise<unknown> {
    const { table, resolution } = this.#context;
    const id = resolution.graph.providers.get(call.target) ?? call.target;
    const entry = table.find(id);
    if (entry !== undefined && isIdempotent(entry, call)) return this.#callRepeatedly(entry, call);
    if (entry?.instance === undefined || entry.idling !== undefined) return this.#startAndCall(id, call);
    return invoke(entry, entry.instance, call);
  }

  async #callRepeatedly(entry: PluginEntry, call: HostCall): Promise<unknown> {
    for (let attempt = 1;; attempt++) {
      const { instance } = entry;
      try {
        return await this.#startAndCall(entry.id, call);
      } catch (error) {
        const isGone = error instanceof CordonError && error.code === "channel_closed";
        if (!isGone || attempt === MAX_ATTEMPTS) throw error;
        // Its process may take a moment longer to end than its connection.
        await (instance ?? entry.instance)?.exited;
      }
    }
  }

  async #startAndCall(id: string, call: HostCall): Promise<unknown> {
    const { table, gate } = this.#context;
    const entry = table.require(id);
    const { method, options } = call;
    const starting = gate.enter(entry, options);
    if (options.timeoutMs === undefined) {
      const { signal } = options;
      return await invoke(entry, await waitForStart(starting, { method, signal }), call);
    }
    // What its caller allows covers all of it; what the plugin allows begins when it runs.
    const dueAt = performance.now() + options.timeoutMs;
    const instance = await waitForStart(starting, { method, ...options });
    const leftMs = dueAt - performance.now();
    try {
      return await invoke(entry, instance, { ...call, options: { ...options, timeoutMs: leftMs } });
    } catch (error) {
      const isLate = error instanceof CordonError && error.code === "deadline_exceeded" &&
        error.facts.timeoutMs === leftMs;
      throw isLate ? describeLate(method, options.timeoutMs) : error;
    }
  }
}

/** That the time is over which a caller named, whatever was left of it for the answer. */
function describeLate(method: string, timeoutMs: number): CordonError {
  return new CordonError(
    "deadline_exceeded",
    `Cannot finish "${method}": no answer in ${timeoutMs} ms`,
    { facts: { timeoutMs } },
  );
}

/** Calls a capability by its contract; whoever names the plugin itself means it as it is. */
function invoke(
  { guards }: PluginEntry,
  instance: PluginInstance,
  { target, method, args, options }: HostCall,
): Promise<unknown> {
  const guarded = guardCalls(
    guards.get(target),
    (...call: Parameters<PluginInstance["invoke"]>) => instance.invoke(...call),
  );
  return guarded(method, args, options);
}

/** Whether a method may be called again where it is not known whether it was carried out. */
function isIdempotent({ found }: PluginEntry, { target, method }: HostCall): boolean {
  const provides = found.manifest?.provides ?? {};
  return Object.hasOwn(provides, target) && (provides[target]!.idempotent?.includes(method) ?? false);
}
