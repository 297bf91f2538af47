/**
 * One running incarnation of a plugin: its sandbox opened, its code loaded and
 * activated, its methods checked against what the manifest provides.
 *
 * @module
 */

import type { Provider } from "../bus/provider.ts";
import { CordonError } from "../errors.ts";
import type { Manifest } from "../manifest/manifest.ts";
import { describeProvided } from "./capabilities/provided_capability.ts";
import { CallLink } from "./call_link.ts";
import { PROTOCOL, readChoice } from "../rpc/handshake.ts";
import type { PeerCallOptions } from "../rpc/outgoing_calls.ts";
import type {
  ActivateReply,
  ActivateRequest,
  EventsRequest,
  LoadReply,
  LoadRequest,
} from "../rpc/protocol.ts";
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

/** What accompanies a call into a plugin. */
export interface InvokeOptions
  extends Pick<PeerCallOptions, "cancellation" | "signal" | "timeoutMs" | "trace"> {
  /** Id of the plugin that calls. @default {the host itself} */
  readonly caller?: string | undefined;
  /** Capability that it calls by. @default {none: the plugin is called by its id} */
  readonly capability?: string;
  /** The call that this one is made for. */
  readonly parent?: CallLink | undefined;
}

/** A plugin that runs. */
export class PluginInstance implements AsyncDisposable {
  readonly #manifest: Manifest;
  readonly #sandbox: Sandbox;
  readonly #methods: ReadonlySet<string>;
  readonly #observer: CallObserver;
  /** What goes on between it and the host, but for streams. */
  readonly activity: Activity;

  constructor(
    { manifest, observer, activity }: Pick<LoadOptions, "manifest" | "observer" | "activity">,
    sandbox: Sandbox,
    methods: ReadonlySet<string>,
  ) {
    this.#manifest = manifest;
    this.#sandbox = sandbox;
    this.#methods = methods;
    this.#observer = observer;
    this.activity = activity;
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
    return new PluginInstance(options, sandbox, checkMethods(manifest, loaded, activated));
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
    return this.activity.isBusy || this.#sandbox.peer.openStreams > 0;
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
    if (!this.#methods.has(method)) return Promise.reject(this.#methodNotFound(method));
    const { id: callee, limits } = this.#manifest;
    const { caller = "host", capability, parent, signal, cancellation } = options;
    const { timeoutMs = limits.callTimeoutMs, trace = parent?.trace } = options;
    const observed = this.#observer.begin({ callee, caller, method, trace });
    const origin = new CallLink(parent, timeoutMs, observed);
    const answer = this.#sandbox.peer.call("invoke", [method, args, caller, capability], {
      signal,
      cancellation,
      timeoutMs,
      trace: observed.trace,
      origin,
      subject: method,
    });
    this.activity.begin();
    // Beside the answer's way, not on it.
    answer.then(() => this.#finish(observed), (error) => this.#finish(observed, error));
    return answer;
  }

  /** It as the provider of one of its capabilities. */
  provide(capability: string): Provider {
    const { limits } = this.#manifest;
    return {
      ...describeProvided(this.#manifest, capability),
      invoke: (method, args, { parent, timeoutMs = Infinity, ...options } = {}) =>
        this.invoke(method, args, {
          ...options,
          capability,
          parent: parent as CallLink | undefined,
          timeoutMs: Math.min(timeoutMs, limits.callTimeoutMs),
        }),
    };
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
      origin: new CallLink(undefined, Infinity, { trace }),
    });
    const end = () => this.activity.end();
    this.activity.begin();
    answer.then(end, end);
    return answer;
  }

  /** Tells it that a subscription has ended. */
  endSubscription(subscription: number, { code, message }: CordonError): void {
    this.#sandbox.peer.notify("unsubscribed", [subscription, { code, message }]);
  }

  #finish(observed: ObservedCall, error?: unknown): void {
    observed.end(error);
    this.activity.end();
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

/** Every method that the manifest provides must be there; what else there is can be called by the administrator. */
function checkMethods(manifest: Manifest, loaded: unknown, activated: unknown): Set<string> {
  const { exports } = loaded as Partial<LoadReply>;
  const { methods } = activated as Partial<ActivateReply>;
  if (
    !Array.isArray(exports) || !Array.isArray(methods) || methods.some((name) => typeof name !== "string")
  ) {
    throw new CordonError("protocol_violation", "its sandbox answered with something else than its symbols");
  }
  const names = new Set(methods as string[]);
  const missing = Object.entries(manifest.provides).flatMap(([capability, { methods }]) =>
    methods.filter((method) => !names.has(method)).map((method) => `"${method}" of "${capability}"`)
  );
  if (missing.length > 0) {
    throw new CordonError(
      "missing_symbols",
      `it provides no function for ${missing.join(", ")}, which [provides] in its manifest names`,
    );
  }
  return names;
}
