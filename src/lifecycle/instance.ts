/**
 * One running incarnation of a plugin: its sandbox opened, its code loaded and
 * activated, its methods checked against what the manifest provides.
 *
 * @module
 */

import { CordonError, errorMessage } from "../errors.ts";
import type { Manifest } from "../manifest/manifest.ts";
import type { PeerCallOptions } from "../rpc/peer.ts";
import type {
  ActivateReply,
  ActivateRequest,
  EventsRequest,
  LoadReply,
  LoadRequest,
} from "../rpc/protocol.ts";
import { RemoteError } from "../rpc/remote_error.ts";
import type {
  OpenSandbox,
  Sandbox,
  SandboxExit,
  SandboxSpec,
  SandboxStopOptions,
} from "../sandbox/sandbox.ts";

/** What a start needs. */
export interface StartOptions {
  /** The manifest. */
  readonly manifest: Manifest;
  /** URL of the main module. */
  readonly entry: string;
  /** The sandbox to open. */
  readonly spec: SandboxSpec;
  /** Facts of the plugin's context. */
  readonly context: Pick<ActivateRequest, "config" | "vars">;
  /** Opens it. */
  readonly openSandbox: OpenSandbox;
  /** Ends the start. */
  readonly signal?: AbortSignal;
}

/** A plugin that runs. */
export class PluginInstance implements AsyncDisposable {
  readonly #manifest: Manifest;
  readonly #sandbox: Sandbox;
  readonly #methods: ReadonlySet<string>;

  constructor(manifest: Manifest, sandbox: Sandbox, methods: ReadonlySet<string>) {
    this.#manifest = manifest;
    this.#sandbox = sandbox;
    this.#methods = methods;
  }

  /**
   * Starts a plugin.
   *
   * @throws {CordonError} `start_failed`, with what to look at; nothing is left running.
   */
  static async start(options: StartOptions): Promise<PluginInstance> {
    const { manifest, spec, openSandbox } = options;
    const timeoutMs = manifest.limits.startTimeoutMs;
    const limit = AbortSignal.timeout(timeoutMs);
    const signal = options.signal === undefined ? limit : AbortSignal.any([options.signal, limit]);
    const lastWords: string[] = [];
    const onOutput: SandboxSpec["onOutput"] = (stream, line) => {
      if (stream === "stderr" && lastWords.length < 3 && line.trim() !== "") lastWords.push(line.trim());
      spec.onOutput(stream, line);
    };
    let sandbox: Sandbox | undefined;
    try {
      sandbox = await openSandbox({ ...spec, onOutput }, { signal });
      // Both at once: the sandbox activates what it has loaded, without another round trip.
      const [loaded, activated] = await Promise.all([
        sandbox.peer.call("load", [{ entry: options.entry } satisfies LoadRequest], { signal }),
        sandbox.peer.call("activate", [createActivateRequest(options)], { signal }),
      ]);
      return new PluginInstance(manifest, sandbox, checkMethods(manifest, loaded, activated));
    } catch (cause) {
      const exit = sandbox && await endFailed(sandbox);
      options.signal?.throwIfAborted();
      throw new CordonError(
        "start_failed",
        `Cannot start "${manifest.id}": ${explain(cause, { limit, timeoutMs, exit, lastWords })}`,
        { hint: `See what it printed: cordon logs ${manifest.id}`, cause },
      );
    }
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
  invoke(method: string, args: readonly unknown[], options: PeerCallOptions = {}): Promise<unknown> {
    if (!this.#methods.has(method)) return Promise.reject(this.#methodNotFound(method));
    const { signal, timeoutMs = this.#manifest.limits.callTimeoutMs } = options;
    return this.#sandbox.peer.call("invoke", [method, args], { signal, timeoutMs });
  }

  /**
   * Hands over events.
   *
   * @param timeoutMs Longest time for each of them, where the batch ends at the first that fails.
   * @returns What the sandbox answered: an `EventsReply`, unless it does not keep to the protocol.
   */
  deliver(subscription: number, batch: EventsRequest[1], timeoutMs: number | null): Promise<unknown> {
    return this.#sandbox.peer.call("events", [subscription, batch, timeoutMs] satisfies EventsRequest);
  }

  /** Tells it that a subscription has ended. */
  endSubscription(subscription: number, { code, message }: CordonError): void {
    this.#sandbox.peer.notify("unsubscribed", [subscription, { code, message }]);
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

function createActivateRequest({ manifest, spec, context }: StartOptions): ActivateRequest {
  return {
    id: manifest.id,
    version: manifest.version,
    config: context.config,
    vars: context.vars,
    data: spec.dataDir,
    subscribes: manifest.events.subscribes,
  };
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

/** Ends the sandbox of a failed start; an exit of its own accord is told apart from ours. */
async function endFailed(sandbox: Sandbox): Promise<SandboxExit | undefined> {
  const turn = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => turn.resolve(undefined), 50);
  const exit = await Promise.race([sandbox.exited, turn.promise]);
  clearTimeout(timer);
  await sandbox[Symbol.asyncDispose]();
  return exit;
}

function explain(
  cause: unknown,
  { limit, timeoutMs, exit, lastWords }: {
    limit: AbortSignal;
    timeoutMs: number;
    exit: SandboxExit | undefined;
    lastWords: readonly string[];
  },
): string {
  if (limit.aborted) return `it was not ready within ${timeoutMs / 1000} s (limits.start_timeout)`;
  if (exit !== undefined) {
    const how = exit.signal === undefined ? `code ${exit.code}` : `signal ${exit.signal}`;
    const words = lastWords.length === 0 ? "" : ` (${lastWords.join(" ")})`;
    return `its process ended with ${how} before it was ready${words}`;
  }
  if (cause instanceof RemoteError) return `${cause.remoteName}: ${cause.message.split("\n")[0]}`;
  return errorMessage(cause);
}
