/**
 * One run of a plugin, from its sandbox to its end: opened with the services
 * that it may ask, loaded and activated. Whether it is the one that serves is
 * not its business: it may run beside another.
 *
 * @module
 */

import { prepareSource } from "../installer/prepare.ts";
import { formatFigure } from "../sandbox/limits/limit.ts";
import type { Sandbox, SandboxExit, SandboxStopOptions } from "../sandbox/sandbox.ts";
import { type ContractGuard, createGuards } from "./capabilities/contract_guard.ts";
import { PluginSupervision } from "./consent/plugin_supervision.ts";
import { superviseStart } from "./consent/supervised_start.ts";
import { CrashWitness } from "./crashes/crash_witness.ts";
import { EventDelivery } from "./events/event_delivery.ts";
import { awaitReady } from "./health/readiness.ts";
import type { IncarnationContext, OpenOptions } from "./incarnation_context.ts";
import { PluginInstance } from "./instance.ts";
import { type LimitBreach, toBreachError } from "./limits/limit_breach.ts";
import type { WatchedPlugin } from "./limits/watched_plugin.ts";
import { readEnvironment } from "./plugin_environment.ts";
import type { PluginEntry } from "./plugin_table.ts";
import { PluginServices } from "./services/plugin_services.ts";
import { StartAttempt, toStartError } from "./start_attempt.ts";

/** One run of a plugin. */
export class Incarnation {
  /** Tells of its crash. */
  readonly witness: CrashWitness;
  readonly #context: IncarnationContext;
  readonly #options: OpenOptions;
  readonly #running = Promise.withResolvers<PluginInstance>();
  readonly #services: PluginServices;
  /** Ends a start at a limit. */
  readonly #cut = new AbortController();
  #plan: PluginEntry;
  #attempt: StartAttempt;
  #entryUrl = "";
  #pid: number | undefined;
  #sandbox: Sandbox | undefined;
  #watched: WatchedPlugin | undefined;
  #instance: PluginInstance | undefined;
  #guards: ReadonlyMap<string, ContractGuard> = new Map();
  #supervision: PluginSupervision | undefined;
  #isEnding = false;

  /** @ignore Use {@linkcode Incarnation.start}. */
  constructor(
    plan: PluginEntry,
    context: IncarnationContext,
    { attempt, ...options }: OpenOptions & { attempt: StartAttempt },
  ) {
    this.#plan = plan;
    this.#context = context;
    this.#options = options;
    this.#attempt = attempt;
    const parts = () => ({ plan: this.#plan, watched: this.#watched, instance: this.#instance });
    this.witness = new CrashWitness(context.registry, parts);
    // Nobody may be waiting for it.
    this.#running.promise.catch(() => {});
    const manifest = plan.found.manifest!;
    const { heldFor, telemetry, registry } = context;
    this.#services = new PluginServices({
      ...context,
      manifest,
      hear: (source, line) => this.witness.hear(source, line),
      held: () => heldFor(plan.id),
      waits: options.isBeside,
      delivery: new EventDelivery({
        running: this.#running.promise,
        subscriber: plan.id,
        observer: telemetry,
        timeoutMs: manifest.limits.callTimeoutMs,
        isStopping: () => this.#isEnding && this.breach === undefined,
        print: (line) => this.#services.print("stderr", line),
      }),
      onRefusal: (message) => registry.note("call.refused", { message }, plan.id),
    });
  }

  /**
   * Opens the sandbox of an incarnation, with nothing of the plugin in it.
   *
   * @param plan What is to run: admitted, with its permissions.
   * @throws {CordonError} `start_failed`, `limit_exceeded`, or why it was not to be opened.
   */
  static async open(
    plan: PluginEntry,
    context: IncarnationContext,
    { signal, ...options }: OpenOptions & { readonly signal?: AbortSignal },
  ): Promise<Incarnation> {
    const attempt = new StartAttempt(plan.found.manifest!, signal);
    const incarnation = new Incarnation(plan, context, { ...options, attempt });
    try {
      await incarnation.#open();
      return incarnation;
    } catch (cause) {
      throw await incarnation.#fail(cause);
    }
  }

  /**
   * Starts a plugin.
   *
   * @throws {CordonError} As {@linkcode Incarnation.open}; nothing is left running.
   */
  static async start(
    plan: PluginEntry,
    context: IncarnationContext,
    options: OpenOptions & { readonly signal?: AbortSignal },
  ): Promise<Incarnation> {
    const incarnation = await Incarnation.open(plan, context, options);
    await incarnation.#activate();
    return incarnation;
  }

  /**
   * Loads the plugin into a sandbox that was opened before.
   *
   * @param plan What is to run: the same in everything that the sandbox was opened with.
   * @throws {CordonError} `start_failed`, `limit_exceeded`; nothing is left running.
   */
  async activate(plan: PluginEntry, signal: AbortSignal | undefined): Promise<void> {
    this.#plan = plan;
    this.#attempt = new StartAttempt(plan.found.manifest!, signal);
    await this.#activate();
  }

  /** What it was made of. */
  get plan(): PluginEntry {
    return this.#plan;
  }

  /** It as somebody to call; once it is activated. */
  get instance(): PluginInstance {
    return this.#instance!;
  }

  /** Whether the plugin was activated in it. */
  get hasRun(): boolean {
    return this.#instance !== undefined;
  }

  /** Check the calls of the capabilities that it provides with a contract, by name. */
  get guards(): ReadonlyMap<string, ContractGuard> {
    return this.#guards;
  }

  /** Decides about each of its checks, where it is supervised. */
  get supervision(): PluginSupervision | undefined {
    return this.#supervision;
  }

  /** What it uses. */
  get usage(): Pick<WatchedPlugin, "takeLagMs" | "findNear"> {
    return this.#watched!;
  }

  /** What it subscribed to. */
  get events(): PluginServices["events"] {
    return this.#services.events;
  }

  /** The limit that it was stopped for. */
  get breach(): LimitBreach | undefined {
    return this.#watched?.breach;
  }

  /** Settles when it has ended, however that came about, and nothing of it is held any more. */
  get exited(): Promise<SandboxExit> {
    return this.#sandbox!.exited;
  }

  /** Ends it by the kill ladder. */
  stop(options: SandboxStopOptions): Promise<SandboxExit> {
    this.#isEnding = true;
    return this.#sandbox!.stop(options);
  }

  /** Ends one that never served. */
  async drop(): Promise<void> {
    this.#isEnding = true;
    await this.#sandbox?.[Symbol.asyncDispose]();
  }

  async #open(): Promise<void> {
    const { folders, limits, registry, sandboxes, peers } = this.#context;
    const { id, found, report } = this.#plan;
    const manifest = found.manifest!;
    const { isBeside = false } = this.#options;
    // A process that is not kept could be left behind unseen.
    registry.settle();
    const { data, scratch, deno } = isBeside ? folders.ofPlugin(id) : await folders.makeForPlugin(id);
    const prepared = await prepareSource({ dir: found.dir, main: manifest.main }, report!, {
      preparedDir: folders.prepared,
      signal: this.#attempt.signal,
      onBundle: (message) => registry.note("plugin.bundling", { message }, id),
    });
    const supervised = superviseStart(this.#plan, this.#context, prepared.codeDir);
    await limits.prepare();
    const watched = this.#watched = limits.open(manifest, {
      folders: { data, cache: [deno, scratch] },
      mayRun: supervised.permissions.run.length > 0,
      actions: {
        note: (stage, figure) =>
          registry.note("plugin.limit", { ...figure, stage, message: formatFigure(figure) }, id),
        stop: (breach, options) => {
          if (this.#instance === undefined) this.#cut.abort(toBreachError(id, breach));
          else this.#options.onBreach(breach, options);
        },
      },
    });
    this.#entryUrl = prepared.entry;
    const vars = { ...this.#plan.admitted!.vars };
    const env = readEnvironment(supervised.permissions.env);
    const facts = { ...supervised, ...prepared, data, scratch, env, vars, config: {} };
    this.witness.see(facts);
    try {
      this.#sandbox = await watched.confine(sandboxes[manifest.run.mode])({
        id,
        codeDir: prepared.codeDir,
        dataDir: data,
        scratchDir: scratch,
        denoDir: deno,
        env,
        heapMib: watched.heapMib,
        bounds: watched.bounds,
        handlers: this.#services.handlers,
        notifications: this.#services.notifications,
        streamIdleMs: manifest.limits.streamIdleMs,
        onRefused: (error) => this.#services.noteRefusal(error),
        onStreamFault: (error) => this.#services.noteStreamFault(error),
        ...supervised,
        connect: isBeside ? undefined : peers.connectFor(this.#plan, facts),
        onSpawn: (pid) => {
          registry.keepProcess(id, pid);
          this.#pid = pid;
        },
        onOutput: (stream, line) => {
          this.#attempt.hear(stream, line);
          this.#services.print(stream, line);
        },
      }, { signal: this.#signal });
    } catch (cause) {
      throw await this.#attempt.fail(cause, undefined);
    }
    if (supervised.supervisor instanceof PluginSupervision) this.#supervision = supervised.supervisor;
    this.#services.connect(this.#sandbox.peer);
    void this.#sandbox.exited.then(() => this.#end());
  }

  async #activate(): Promise<void> {
    const { registry, folders, telemetry } = this.#context;
    const { id, found, report, admitted } = this.#plan;
    const sandbox = this.#sandbox!;
    let instance: PluginInstance;
    try {
      instance = await PluginInstance.load(sandbox, {
        manifest: found.manifest!,
        entry: this.#entryUrl,
        context: { config: {}, vars: { ...admitted!.vars }, data: folders.ofPlugin(id).data },
        observer: telemetry,
        activity: this.#services.activity,
        signal: this.#signal,
      });
      await awaitReady(instance, { ...found.manifest!.health, signal: this.#signal });
    } catch (cause) {
      throw await this.#fail(await this.#attempt.fail(cause, sandbox));
    }
    this.#instance = instance;
    for (const message of sandbox.notes) registry.note("sandbox.note", { message }, id);
    this.#guards = createGuards(report?.contracts, {
      provider: id,
      onBreach: (message) => registry.note("contract.broken", { message }, id),
    });
    this.#watched!.serve();
    this.#running.resolve(instance);
  }

  get #signal(): AbortSignal {
    return AbortSignal.any([this.#attempt.signal, this.#cut.signal]);
  }

  /** Gives everything back; returns what is told of it. */
  async #fail(cause: unknown): Promise<unknown> {
    const error = toStartError(this.#plan.id, cause, this.breach);
    this.#running.reject(error);
    await this.#sandbox?.[Symbol.asyncDispose]();
    this.#end();
    this.witness.reportStart(error, this.#attempt.exit);
    return error;
  }

  #end(): void {
    this.#services[Symbol.dispose]();
    if (this.#pid !== undefined) this.#context.registry.forgetProcess(this.#pid);
    this.#pid = undefined;
  }
}
