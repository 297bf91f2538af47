/**
 * One running incarnation of a plugin: its sandbox opened, its code loaded and
 * activated, its methods checked against what the manifest provides.
 *
 * @module
 */

import { CordonError } from "../errors.ts";
import type { Manifest } from "../manifest/manifest.ts";
import { settlesWithin } from "../internal/settles_within.ts";
import { CallHold } from "./call_hold.ts";
import { CallLink } from "./call_link.ts";
import { checkHealth, type HealthCheckOptions } from "./health/health_check.ts";
import type { HealthCheck } from "./health/health_record.ts";
import { UnansweredCalls } from "./crashes/unanswered_calls.ts";
import type { InvokeOptions } from "./invoke_options.ts";
import { checkSymbols, type PluginSymbols } from "./plugin_symbols.ts";
import { PROTOCOL, readChoice } from "../rpc/handshake.ts";
import type { ActivateRequest, EventsRequest, LoadReply, LoadRequest, StateReply } from "../rpc/protocol.ts";
import type { Sandbox, SandboxExit, SandboxStopOptions } from "../sandbox/sandbox.ts";
import type { Activity } from "./idle/activity.ts";
import type { CallObserver, ObservedCall } from "./telemetry/call_observer.ts";

/** What is loaded into a sandbox. */
export interface LoadOptions {
  /** The manifest. */
  readonly manifest: Manifest;
  /** URL of the main module. */
  readonly entry: string;
  /** Facts of the plugin's context. */
  readonly context: Pick<ActivateRequest, "config" | "vars" | "data">;
  /** Watches calls into it. */
  readonly observer: CallObserver;
  /** Counts what goes on between it and the host. */
  readonly activity: Activity;
  /** Ends the start. */
  readonly signal: AbortSignal;
}

/** A plugin that runs. */
export class PluginInstance implements AsyncDisposable {
  readonly #manifest: Manifest;
  readonly #sandbox: Sandbox;
  readonly #methods: ReadonlySet<string>;
  readonly #observer: CallObserver;
  /** What goes on between it and the host besides calls into it and streams. */
  readonly activity: Activity;
  #lastCheck: HealthCheck | undefined;
  /** Whether it can be asked how it is. */
  readonly hasHealth: boolean;
  /** Calls that its end left without an answer. */
  readonly unanswered: UnansweredCalls = new UnansweredCalls();
  #inFlight = 0;
  /** Settles when nothing is in flight any more. */
  #drained: PromiseWithResolvers<void> | undefined;
  /** Where calls wait while another is about to take over, and whose do not. */
  #hold: { readonly calls: CallHold; readonly lets: (caller: string | undefined) => boolean } | undefined;

  constructor(
    { manifest, observer, activity }: Pick<LoadOptions, "manifest" | "observer" | "activity">,
    sandbox: Sandbox,
    { methods, hasHealth }: PluginSymbols,
  ) {
    this.#manifest = manifest;
    this.#sandbox = sandbox;
    this.#methods = methods;
    this.#observer = observer;
    this.activity = activity;
    this.hasHealth = hasHealth;
  }

  /**
   * Loads a plugin into a sandbox that is open, and activates it.
   *
   * @throws {CordonError} `missing_symbols`, `protocol_violation`, `channel_closed`.
   * @throws {RemoteError} What the plugin threw. The sandbox is the caller's to end.
   */
  static async load(sandbox: Sandbox, options: LoadOptions): Promise<PluginInstance> {
    const { manifest, entry, signal, context } = options;
    const { id, version, events: { subscribes } } = manifest;
    // Both at once: the sandbox activates what it has loaded, without another round trip.
    const [loaded, activated] = await Promise.all([
      sandbox.peer.call("load", [{ entry, protocol: PROTOCOL } satisfies LoadRequest], { signal }),
      sandbox.peer.call("activate", [{ id, version, subscribes, ...context } satisfies ActivateRequest], {
        signal,
      }),
    ]);
    sandbox.peer.agree(readChoice((loaded as Partial<LoadReply> | null)?.protocol));
    return new PluginInstance(options, sandbox, checkSymbols(manifest, loaded, activated));
  }

  /** How strong its boundary is. */
  get tier(): Sandbox["tier"] {
    return this.#sandbox.tier;
  }

  /** What the kernel's hold on it is wider or narrower in than its permissions. */
  get notes(): Sandbox["notes"] {
    return this.#sandbox.notes;
  }

  /** Process id, where it is a process. */
  get pid(): number | undefined {
    return this.#sandbox.pid;
  }

  /** Whether anything is under way between it and the host. */
  get isBusy(): boolean {
    const { calls, streams } = this.inFlight;
    return calls > 0 || streams > 0 || this.activity.isBusy;
  }

  /** Names of its methods. */
  get methods(): ReadonlySet<string> {
    return this.#methods;
  }

  /** Settles when it has ended, however that came about. */
  get exited(): Promise<SandboxExit> {
    return this.#sandbox.exited;
  }

  /**
   * Calls one of its methods.
   *
   * @throws {CordonError} `method_not_found`, `deadline_exceeded`, `channel_closed`.
   * @throws {RemoteError} What the method threw.
   */
  invoke(method: string, args: readonly unknown[], options: InvokeOptions = {}): Promise<unknown> {
    const hold = this.#hold;
    // Whoever it waits for itself must not wait for it.
    if (hold === undefined || options.parent?.isAnsweredBy(this) || hold.lets(options.caller)) {
      return this.#invoke(method, args, options);
    }
    return hold.calls.take(method, args, { timeoutMs: this.#manifest.limits.callTimeoutMs, ...options });
  }

  #invoke(method: string, args: readonly unknown[], options: InvokeOptions): Promise<unknown> {
    if (!this.#methods.has(method)) return Promise.reject(this.#methodNotFound(method));
    const { id: callee, limits } = this.#manifest;
    const { caller = "host", capability, parent, signal, cancellation } = options;
    const { timeoutMs = limits.callTimeoutMs, trace = parent?.trace } = options;
    const observed = this.#observer.begin({ callee, caller, method, trace });
    const origin = new CallLink(parent, timeoutMs, {
      callee: this,
      trace: observed.trace,
      beganAt: observed.beganAt,
    });
    const answer = this.#sandbox.peer.call("invoke", [method, args, caller, capability], {
      signal,
      cancellation,
      timeoutMs,
      trace: observed.trace,
      origin,
      subject: method,
    });
    this.#inFlight++;
    this.activity.note();
    // Beside the answer's way, not on it.
    answer.then(() => this.#finish(observed), (error) => {
      this.unanswered.note(method, error);
      this.#finish(observed, error);
    });
    return answer;
  }

  /**
   * Hands over events.
   *
   * @param timeoutMs Longest time for each of them, where the batch ends at the first that fails.
   * @param trace W3C `traceparent` of what the plugin calls because of them.
   * @returns What the sandbox answered: an `EventsReply`, unless it does not keep to the protocol.
   */
  deliver([subscription, batch, timeoutMs]: EventsRequest, trace: string | undefined): Promise<unknown> {
    const answer = this.#sandbox.peer.call("events", [subscription, batch, timeoutMs], {
      // What a handler calls belongs to the trace, and is bounded by its own deadlines alone.
      origin: new CallLink(undefined, Infinity, { callee: this, trace }),
    });
    const end = () => this.activity.end();
    this.activity.begin();
    answer.then(end, end);
    return answer;
  }

  /**
   * What it hands to its next version; undefined where it has nothing for it.
   *
   * @throws {CordonError} `deadline_exceeded`, `channel_closed`.
   * @throws {RemoteError} What it threw, or why that cannot be handed on.
   */
  async exportState({ stateBytes, timeoutMs }: Manifest["reload"]): Promise<unknown> {
    const reply = await this.#sandbox.peer.call("exportState", [stateBytes], { timeoutMs });
    return (reply as Partial<StateReply> | null)?.state;
  }

  /**
   * Hands it what its version before exported.
   *
   * @throws {CordonError} `deadline_exceeded`, `channel_closed`.
   * @throws {RemoteError} What it threw.
   */
  async importState(
    state: unknown,
    from: { readonly version: string },
    { timeoutMs }: Manifest["reload"],
  ): Promise<void> {
    await this.#sandbox.peer.call("importState", [state, from], { timeoutMs });
  }

  /** What it answered last when it was asked how it is. */
  get lastCheck(): HealthCheck | undefined {
    return this.#lastCheck;
  }

  /**
   * Asks how it is.
   *
   * @throws {CordonError} `channel_closed`.
   */
  async checkHealth(options: HealthCheckOptions): Promise<HealthCheck> {
    return this.#lastCheck = await checkHealth(this.#sandbox.peer, options);
  }

  /** Tells it that a subscription has ended. */
  endSubscription(subscription: number, { code, message }: CordonError): void {
    this.#sandbox.peer.notify("unsubscribed", [subscription, { code, message }]);
  }

  /** Calls into it that are not answered, and streams that are open. */
  get inFlight(): { readonly calls: number; readonly streams: number } {
    return { calls: this.#inFlight, streams: this.#sandbox.peer.openStreams };
  }

  /**
   * Holds the calls that come from now on, until they are released.
   *
   * @param lets Whose calls still get through.
   */
  hold(lets: (caller: string | undefined) => boolean): void {
    this.#hold = { calls: new CallHold(), lets };
  }

  /**
   * Has the calls that are held served, and those that come later: by a successor or, without one, by itself.
   *
   * @returns How many were held.
   */
  release(successor?: () => PluginInstance | undefined): number {
    const hold = this.#hold;
    const held = hold?.calls.size ?? 0;
    if (successor === undefined) this.#hold = undefined;
    else this.#hold = { calls: hold?.calls ?? new CallHold(), lets: () => false };
    (hold ?? this.#hold)?.calls.release((...call) => successor?.()?.invoke(...call) ?? this.#invoke(...call));
    return held;
  }

  /** Settles with whether every call into it has been answered, within a time. */
  async drain(timeoutMs: number): Promise<boolean> {
    if (this.#inFlight === 0) return true;
    this.#drained ??= Promise.withResolvers<void>();
    return await settlesWithin(this.#drained.promise, timeoutMs);
  }

  #finish(observed: ObservedCall, error?: unknown): void {
    observed.end(error);
    if (--this.#inFlight > 0) return;
    this.#drained?.resolve();
    this.#drained = undefined;
  }

  #methodNotFound(method: string): CordonError {
    const hint = this.#methods.size === 0 ? "It has none" : `It has ${[...this.#methods].sort().join(", ")}`;
    const subject = `"${method}" of "${this.#manifest.id}"`;
    return new CordonError("method_not_found", `Cannot call ${subject}: it has no such method`, { hint });
  }

  /** Ends it by the kill ladder. */
  stop(options: SandboxStopOptions): Promise<SandboxExit> {
    return this.#sandbox.stop(options);
  }

  /** Ends it at once. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#sandbox[Symbol.asyncDispose]();
  }
}
