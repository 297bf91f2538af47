/**
 * What a plugin sees of Cordon: the context given to `activate()`, and the
 * shape of a plugin's main module. Types only, erased before the plugin runs.
 *
 * @module
 */

import type { Capability } from "./capabilities.ts";
import type { CurrentCall } from "./current_call.ts";
import type { PluginEvents } from "./events.ts";
import type { HealthReport, HealthStatus } from "./health.ts";
import type { PluginResources } from "./resources.ts";

/** Writes structured log records; each is stored with the plugin's id and the time. */
export interface PluginLog {
  /** Records detail that helps while developing. */
  debug(message: string, facts?: Record<string, unknown>): void;
  /** Records something worth knowing in normal operation. */
  info(message: string, facts?: Record<string, unknown>): void;
  /** Records something unexpected that the plugin could handle. */
  warn(message: string, facts?: Record<string, unknown>): void;
  /** Records something that failed. */
  error(message: string, facts?: Record<string, unknown>): void;
}

/** Tells a plugin that it is close to one of its limits, or at its share of the processor. */
export interface LimitEvent {
  /** Which limit, by its name in the manifest. */
  readonly limit: string;
  /** What the plugin uses. */
  readonly used: number;
  /** What it may use; at that it is stopped, or slowed down for the processor. */
  readonly allowed: number;
  /** In what both are counted. */
  readonly unit: "bytes" | "percent" | "ms" | "count" | "per second";
}

/** What may accompany a call. */
export interface CallOptions {
  /** Milliseconds until the call fails with `deadline_exceeded`. */
  readonly timeoutMs?: number;
  /** Cancels the call, at the far end too. */
  readonly signal?: AbortSignal;
}

/** Everything Cordon gives a plugin. */
export interface PluginContext {
  /** The plugin's id, as in its manifest. */
  readonly id: string;
  /** The plugin's version, as in its manifest. */
  readonly version: string;
  /** The plugin's configuration. */
  readonly config: Readonly<Record<string, unknown>>;
  /**
   * Values of the `${variables}` that the manifest names; those used in paths
   * are absolute.
   */
  readonly vars: Readonly<Record<string, string>>;
  /** Path of the plugin's private folder; reading and writing it needs `$DATA` in the manifest. */
  readonly data: string;
  /** Aborts when the plugin is asked to stop; its reason says why. */
  readonly signal: AbortSignal;
  /**
   * Has `handler` told when the plugin uses four fifths of a limit, once until
   * it uses less again. The returned function ends that.
   */
  onLimit(handler: (event: LimitEvent) => void): () => void;
  /** The plugin's log. */
  readonly log: PluginLog;
  /** The plugin's events. */
  readonly events: PluginEvents;
  /** What the plugin shares with others. */
  readonly resources: PluginResources;
  /**
   * Returns the handle on a capability declared under `[uses]`, whether
   * something provides it or not: its `available` says. Arguments and results
   * are JSON-shaped, with `Uint8Array` where bytes are meant. Rejects with
   * code `not_declared` for any other capability.
   */
  use<T>(capability: string): Promise<Capability<T>>;
  /**
   * The call that the code which asks is answering, also after `await` and in
   * timers; undefined outside of calls.
   */
  readonly currentCall: CurrentCall | undefined;
  /** Calls one method of a declared capability, with a deadline or a signal of its own. */
  call(
    capability: string,
    method: string,
    args?: readonly unknown[],
    options?: CallOptions,
  ): Promise<unknown>;
}

/** The methods that `activate()` returns, by name. */
// deno-lint-ignore no-explicit-any -- a method may take any arguments
export type PluginMethods = Record<string, (...args: any[]) => unknown>;

/** What the host tells `importState()` about the version that exported the state. */
export interface StateOrigin {
  /** Version that exported the state. */
  readonly version: string;
}

/** The exports of a plugin's main module; all but `activate` are optional. */
export interface PluginModule {
  /** Starts the plugin; returns the methods that `[provides]` names. */
  activate(
    context: PluginContext,
  ):
    | PluginMethods
    | AsyncDisposable
    | void
    | Promise<PluginMethods | AsyncDisposable | void>;
  /** Ends the plugin: called before its sandbox is closed. */
  deactivate?(): void | Promise<void>;
  /** Reports how the plugin is, within `health.timeout`; nothing counts as `"ok"`, an error as `"failing"`. */
  health?(): HealthReport | HealthStatus | void | Promise<HealthReport | HealthStatus | void>;
  /** Returns the state that the next version takes over. */
  exportState?(): unknown;
  /** Takes over the state of an earlier version. */
  importState?(state: unknown, from: StateOrigin): void | Promise<void>;
  /** Functions that bring configuration to the version of their key. */
  readonly migrations?: Readonly<Record<number, (config: unknown) => unknown>>;
}
