/**
 * Starts and stops single plugins and notices when one ends.
 *
 * @module
 */

import type { Capabilities } from "../bus/capabilities.ts";
import type { Delivery, EventBus } from "../bus/event_bus.ts";
import { CordonError, errorMessage, isSystemError } from "../errors.ts";
import { prepareSource } from "../installer/prepare.ts";
import { diff, intersect, type PermissionSet } from "../permissions/permission_set.ts";
import type { Supervisor } from "../permissions/supervision.ts";
import type { SandboxExit } from "../sandbox/sandbox.ts";
import type { Sandboxes } from "../sandbox/sandboxes.ts";
import type { LogRecord } from "../store/log_store.ts";
import { isProtected } from "./admission.ts";
import { type HostFolders, realPath } from "./folders.ts";
import { PluginInstance } from "./instance.ts";
import type { Learning } from "./learning.ts";
import type { PluginEntry, PluginTable } from "./plugin_table.ts";
import { PluginSupervision } from "./plugin_supervision.ts";
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
  readonly providers: Pick<ReadonlyMap<string, string>, "get">;
  readonly events: EventBus;
  readonly registry: Registry;
  readonly log: (record: LogRecord) => void;
  readonly sandboxes: Sandboxes;
  /** Called when a plugin has ended, whatever ended it. */
  readonly onEnd: (entry: PluginEntry) => void;
  /** Watches one plugin, where it is learned what that needs. */
  readonly learning: Learning | undefined;
  /** Which plugins are supervised. */
  readonly isSupervised: (id: string) => boolean;
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

  /**
   * Takes permissions back from a supervised plugin that runs, from its next check on; what
   * it has open stays open.
   *
   * @param reason Told to the plugin.
   * @returns False for one that is not supervised or does not run: only a restart narrows that.
   */
  narrow(entry: PluginEntry, permissions: PermissionSet, reason: string): boolean {
    const { supervision, admitted } = entry;
    if (supervision === undefined || admitted === undefined) return false;
    const { narrowed } = diff(supervision.permissions, intersect(supervision.permissions, permissions));
    supervision.narrow(permissions, reason);
    entry.admitted = { ...admitted, permissions: supervision.permissions };
    if (narrowed.length > 0) {
      this.#context.registry.journal.append("permission.narrowed", { reason, narrowed }, entry.id);
    }
    return true;
  }

  async #stop(entry: PluginEntry, instance: PluginInstance, reason: string): Promise<SandboxExit> {
    this.#context.table.move(entry, "stopping");
    this.#context.capabilities.withdraw(entry.id);
    const exit = await instance.stop({ graceMs: entry.found.manifest!.reload.drainMs, reason });
    this.#context.table.move(entry, "stopped", { message: `Stopped: ${reason}` });
    this.#context.onEnd(entry);
    return exit;
  }

  async #start(entry: PluginEntry, signal: AbortSignal | undefined): Promise<void> {
    const { table, folders, capabilities, sandboxes } = this.#context;
    const manifest = entry.found.manifest!;
    const { vars } = entry.admitted!;
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
      const supervised = this.#supervise(entry, { codeDir: prepared.codeDir, data, scratch });
      const instance = await PluginInstance.start({
        manifest,
        entry: prepared.entry,
        context: { config: {}, vars: { ...vars } },
        openSandbox: sandboxes[manifest.run.mode],
        signal,
        spec: {
          id: entry.id,
          codeDir: prepared.codeDir,
          dataDir: data,
          scratchDir: scratch,
          denoDir: deno,
          env: readEnvironment(supervised.permissions.env),
          heapMib: memoryBytes === undefined
            ? DEFAULT_HEAP_MIB
            : Math.max(16, Math.floor(memoryBytes / 2 ** 20)),
          bounds: { memoryBytes, descriptors: MAX_DESCRIPTORS, fileBytes: manifest.limits.storageBytes },
          handlers: services.handlers,
          notifications: services.notifications,
          ...supervised,
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
      entry.supervision = undefined;
      services[Symbol.dispose]();
      const hint = error instanceof CordonError ? error.hint : undefined;
      table.move(entry, "failed", { message: errorMessage(error), ...(hint === undefined ? {} : { hint }) });
      throw error;
    }
  }

  /** What a plugin may reach, and what decides about its checks where something does. */
  #supervise(
    entry: PluginEntry,
    { codeDir, data, scratch }: { readonly codeDir: string; readonly data: string; readonly scratch: string },
  ): { permissions: PermissionSet; supervisor?: Supervisor } {
    const { isSupervised, learning, registry, folders } = this.#context;
    const { permissions, vars } = entry.admitted!;
    if (learning?.id === entry.id) {
      const { manifest, dir } = entry.found;
      const own = { dir, dataDir: data, scratchDir: scratch, protectedDirs: folders.protected };
      const wider = learning.begin({
        manifest: manifest!,
        permissions,
        codeDir,
        scope: { pluginDir: dir, dataDir: data, tmpDir: scratch, vars, realPath },
        os: Deno.build.os,
        isProtected: (permission) => isProtected(permission, own),
      });
      return { permissions: wider, supervisor: learning };
    }
    if (!isSupervised(entry.id)) return { permissions };
    entry.supervision = new PluginSupervision(
      { permissions, codeDir, tmpDir: scratch },
      (denial) => registry.journal.append("permission.denied", denial, entry.id),
    );
    return { permissions, supervisor: entry.supervision };
  }

  #onExit(entry: PluginEntry, exit: SandboxExit, services: PluginServices): void {
    const { table, capabilities, registry } = this.#context;
    services[Symbol.dispose]();
    entry.instance = undefined;
    entry.supervision = undefined;
    registry.note("plugin.exit", { ...exit }, entry.id);
    if (entry.state === "stopping" || entry.state === "stopped") return;
    capabilities.withdraw(entry.id);
    const how = exit.signal === undefined ? `code ${exit.code}` : `signal ${exit.signal}`;
    const message = exit.reason === undefined
      ? `"${entry.id}" ended by itself with ${how}`
      : `"${entry.id}" was ended: ${exit.reason}`;
    table.move(entry, "failed", {
      message,
      hint: `See what it printed: cordon logs ${entry.id}`,
    });
    this.#context.onEnd(entry);
  }
}

function readEnvironment(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value]];
  }));
}
