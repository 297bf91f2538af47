/**
 * Starts and stops single plugins and notices when one ends.
 *
 * @module
 */

import type { Capabilities } from "../bus/capabilities.ts";
import type { Delivery, EventBus } from "../bus/event_bus.ts";
import { CordonError, errorMessage, isSystemError } from "../errors.ts";
import { prepareSource } from "../installer/prepare.ts";
import type { SandboxExit } from "../sandbox/sandbox.ts";
import type { Sandboxes } from "../sandbox/sandboxes.ts";
import type { LogRecord } from "../store/log_store.ts";
import type { HostFolders } from "./folders.ts";
import { PluginInstance } from "./instance.ts";
import type { PluginEntry, PluginTable } from "./plugin_table.ts";
import type { Registry } from "./registry.ts";
import { PluginServices } from "./services.ts";

/** Heap of a plugin that names no memory limit. */
const DEFAULT_HEAP_MIB = 512;

/** Files and sockets that a plugin may have open at once. */
const MAX_DESCRIPTORS = 256;

/** What the runner needs of its host. */
export interface RunnerContext {
  readonly table: PluginTable;
  readonly folders: HostFolders;
  readonly capabilities: Capabilities;
  /** The provider that was chosen for each capability. */
  readonly providers: ReadonlyMap<string, string>;
  readonly events: EventBus;
  readonly registry: Registry;
  readonly log: (record: LogRecord) => void;
  readonly sandboxes: Sandboxes;
}

/** Starts and stops plugins, one at a time each. */
export class PluginRunner {
  readonly #context: RunnerContext;

  /** @param context What it needs. */
  constructor(context: RunnerContext) {
    this.#context = context;
  }

  /**
   * Starts a plugin that is ready, stopped or failed; its dependencies are the
   * caller's business. A start under way is joined.
   *
   * @throws {CordonError} `start_failed` or the reason why it cannot be started.
   */
  async start(entry: PluginEntry, { signal }: { signal?: AbortSignal } = {}): Promise<void> {
    if (entry.instance !== undefined) return;
    if (entry.admitted === undefined || !["ready", "stopped", "failed"].includes(entry.state)) {
      if (entry.starting !== undefined) return await entry.starting;
      throw this.#context.table.refusal(entry);
    }
    this.#context.table.move(entry, "starting");
    entry.starting = this.#start(entry, signal);
    try {
      await entry.starting;
    } finally {
      entry.starting = undefined;
    }
  }

  /** Stops a plugin; what does not run is left alone. A stop under way is joined. */
  async stop(entry: PluginEntry, reason: string): Promise<SandboxExit | undefined> {
    // A start that fails has ended the plugin by itself.
    await entry.starting?.catch(() => {});
    if (entry.instance === undefined) return undefined;
    entry.stopping ??= this.#stop(entry, entry.instance, reason);
    try {
      return await entry.stopping;
    } finally {
      entry.stopping = undefined;
    }
  }

  async #stop(entry: PluginEntry, instance: PluginInstance, reason: string): Promise<SandboxExit> {
    this.#context.table.move(entry, "stopping");
    this.#context.capabilities.withdraw(entry.id);
    const exit = await instance.stop({ graceMs: entry.found.manifest!.reload.drainMs, reason });
    this.#context.table.move(entry, "stopped", { message: `Stopped: ${reason}` });
    return exit;
  }

  async #start(entry: PluginEntry, signal: AbortSignal | undefined): Promise<void> {
    const { table, folders, capabilities, sandboxes } = this.#context;
    const manifest = entry.found.manifest!;
    const { permissions, vars } = entry.admitted!;
    const deliver = async (subscription: number, { value, origin }: Delivery) => {
      try {
        const instance = entry.instance ?? await running.promise;
        await instance.deliver(subscription, value, origin);
      } catch (error) {
        services.print("stderr", `[cordon] event "${origin.topic}" failed: ${errorMessage(error)}`);
      }
    };
    const running = Promise.withResolvers<PluginInstance>();
    // Nobody may be waiting for it.
    running.promise.catch(() => {});
    const services = new PluginServices({
      ...this.#context,
      manifest,
      deliver,
      onRefusal: (message) => this.#context.registry.note("call.refused", { message }, entry.id),
    });
    try {
      // A process that is not kept could be left behind unseen.
      this.#context.registry.settle();
      const { data, scratch, deno } = await folders.makeForPlugin(entry.id);
      const source = { dir: entry.found.dir, main: manifest.main };
      const prepared = await prepareSource(source, entry.report!, { preparedDir: folders.prepared, signal });
      const { memoryBytes } = manifest.limits;
      const instance = await PluginInstance.start({
        manifest,
        entry: prepared.entry,
        context: { config: {}, vars: { ...vars } },
        openSandbox: sandboxes[manifest.run.mode],
        signal,
        spec: {
          id: entry.id,
          codeDir: prepared.codeDir,
          permissions,
          dataDir: data,
          scratchDir: scratch,
          denoDir: deno,
          env: readEnvironment(permissions.env),
          heapMib: memoryBytes === undefined
            ? DEFAULT_HEAP_MIB
            : Math.max(16, Math.floor(memoryBytes / 2 ** 20)),
          bounds: { memoryBytes, descriptors: MAX_DESCRIPTORS, fileBytes: manifest.limits.storageBytes },
          handlers: services.handlers,
          notifications: services.notifications,
          onSpawn: (pid) => this.#context.registry.keepProcess(entry.id, pid),
          onOutput: (stream, line) => services.print(stream, line),
        },
      });
      for (const message of instance.notes) {
        this.#context.registry.note("sandbox.note", { message }, entry.id);
      }
      entry.instance = instance;
      running.resolve(instance);
      for (const [name, { methods }] of Object.entries(manifest.provides)) {
        if (this.#context.providers.get(name) !== entry.id) continue;
        capabilities.announce(name, {
          id: entry.id,
          methods: new Set(methods),
          invoke: (method, args, { signal, timeoutMs = Infinity } = {}) =>
            instance.invoke(method, args, {
              signal,
              timeoutMs: Math.min(timeoutMs, manifest.limits.callTimeoutMs),
            }),
        });
      }
      table.move(entry, "running");
      void instance.exited.then((exit) => this.#onExit(entry, exit, services));
    } catch (cause) {
      const error = cause instanceof CordonError || !isSystemError(cause)
        ? cause
        : new CordonError("start_failed", `Cannot start "${entry.id}": ${errorMessage(cause)}`, { cause });
      running.reject(error);
      services[Symbol.dispose]();
      const hint = error instanceof CordonError ? error.hint : undefined;
      table.move(entry, "failed", { message: errorMessage(error), ...(hint === undefined ? {} : { hint }) });
      throw error;
    }
  }

  #onExit(entry: PluginEntry, exit: SandboxExit, services: PluginServices): void {
    const { table, capabilities, registry } = this.#context;
    services[Symbol.dispose]();
    entry.instance = undefined;
    registry.note("plugin.exit", { ...exit }, entry.id);
    if (entry.state === "stopping" || entry.state === "stopped") return;
    capabilities.withdraw(entry.id);
    const how = exit.signal === undefined ? `code ${exit.code}` : `signal ${exit.signal}`;
    table.move(entry, "failed", {
      message: `"${entry.id}" ended by itself with ${how}`,
      hint: `See what it printed: cordon logs ${entry.id}`,
    });
  }
}

function readEnvironment(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value]];
  }));
}
