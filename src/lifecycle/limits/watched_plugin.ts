/**
 * One running plugin and its limits: what it uses is looked at, it is told
 * when that comes close to a limit, and stopped when it gets there.
 *
 * @module
 */

import { FloodGate } from "../../internal/flood_gate.ts";
import type { Manifest } from "../../manifest/manifest.ts";
import type { Cgroups } from "../../sandbox/limits/cgroups.ts";
import { type Enforcement, findEnforcement } from "../../sandbox/limits/enforcement.ts";
import { LIMIT_UNITS, type LimitFigure, type LimitName } from "../../sandbox/limits/limit.ts";
import { type ProcessUsage, showsProcesses } from "../../sandbox/limits/process_usage.ts";
import type { OpenSandbox, ProcessBounds, Sandbox, SandboxExit, Tier } from "../../sandbox/sandbox.ts";
import { CpuMeter } from "./cpu_meter.ts";
import { findExitCause } from "./exit_cause.ts";
import { isHeapExhaustion } from "./heap_report.ts";
import type { LimitBreach } from "./limit_breach.ts";
import type { LimitState } from "./limit_state.ts";
import { listAllowances, type PluginLimits } from "./plugin_limits.ts";
import { PluginProcesses } from "./plugin_processes.ts";
import type { PluginUsage } from "../telemetry/plugin_usage.ts";
import { Responsiveness } from "./responsiveness.ts";
import { SlowFigures } from "./slow_figures.ts";
import { Threshold } from "./threshold.ts";
import { watchSandbox } from "./watched_sandbox.ts";

/** Descriptors that the kernel allows above the limit. */
const DESCRIPTOR_HEADROOM = 256;

/** Memory so far above its limit is not asked to stop any more. */
const URGENT_SHARE = 1.25;
/** Descriptors and folders are looked at with each n-th look only. */
const SLOW_LOOKS = 2;
/** Seconds of a flood in a row: then the plugin is told, and then stopped. */
const [FLOOD_SOFT_SECONDS, FLOOD_HARD_SECONDS] = [5, 10];

/** What a limit that is close or reached leads to. */
export interface WatchActions {
  /** Has a crossing kept. */
  readonly note: (stage: "soft" | "hard", figure: LimitFigure) => void;
  /** Stops the plugin; an urgent stop asks nothing. Called again when it became urgent. */
  readonly stop: (breach: LimitBreach, options: { readonly isUrgent: boolean }) => void;
}

/** What a watched plugin is made of. */
export interface WatchedPluginParts {
  readonly manifest: Manifest;
  readonly limits: PluginLimits;
  readonly actions: WatchActions;
  /** Where groups are made. */
  readonly cgroups: Cgroups;
  /** Folders whose contents count, and those of which a part does not. */
  readonly folders: { readonly data: string; readonly cache: readonly string[] };
  /** Whether it may start programs. */
  readonly mayRun: boolean;
  /** What happens to one that uses its share of the processor up. */
  readonly cpuExcess: "throttle" | "stop";
  /** Told when its process is gone. */
  readonly onEnd: () => void;
}

/** One running plugin and its limits. */
export class WatchedPlugin {
  readonly #parts: WatchedPluginParts;
  readonly #processes: PluginProcesses;
  readonly #thresholds: ReadonlyMap<LimitName, Threshold>;
  readonly #used = new Map<LimitName, number>();
  readonly #cpu: CpuMeter;
  readonly #responsiveness: Responsiveness;
  readonly #slow: SlowFigures;
  readonly #gate: FloodGate;
  #sandbox: Sandbox | undefined;
  #tier: Tier;
  #last: { readonly now: number } & ProcessUsage | undefined;
  #looks = 0;
  #isServing = false;
  #isEnding = false;
  #heapWasFull = false;
  #breach: LimitBreach | undefined;
  /** The last flood. */
  #flood: LimitFigure | undefined;

  /** @param parts What it is made of. */
  constructor(parts: WatchedPluginParts) {
    this.#parts = parts;
    const { limits, manifest, cgroups, folders } = parts;
    this.#tier = manifest.run.mode === "worker" ? "worker" : "deno";
    const { memoryBytes, threads } = limits;
    const cpuShare = parts.cpuExcess === "throttle" ? limits.cpuShare : undefined;
    this.#processes = new PluginProcesses(cgroups, {
      bounds: this.#tier === "worker" ? undefined : { memoryBytes, cpuShare, threads },
      mayRun: parts.mayRun,
    });
    this.#thresholds = new Map(
      [...listAllowances(limits)].map(([name, allowed]) => [name, new Threshold(allowed)]),
    );
    this.#cpu = new CpuMeter(limits.cpuShare);
    this.#responsiveness = new Responsiveness({ ping: (count) => this.#notify("ping", count) });
    this.#slow = new SlowFigures({
      ...folders,
      countsFiles: this.#thresholds.has("storage") || this.#thresholds.has("file_size"),
    });
    this.#gate = new FloodGate(limits.logRate, { onFlood: (second) => this.#onFlood(second) });
  }

  /** Plugin id. */
  get id(): string {
    return this.#parts.manifest.id;
  }

  /** Bound of its JavaScript heap. */
  get heapMib(): number {
    return this.#parts.limits.heapMib;
  }

  /** Bounds for its process. */
  get bounds(): ProcessBounds {
    const { memoryBytes, descriptors, fileBytes, storageBytes } = this.#parts.limits;
    return {
      // A group counts what is used; a bound on data counts what is reserved, too, and ends threads for that.
      memoryBytes: this.#processes.isBoundedBy("memory") ? undefined : memoryBytes,
      // Above the limit, so that it is seen crossing it and stopped with the reason; this stops one that runs ahead.
      descriptors: descriptors + DESCRIPTOR_HEADROOM,
      fileBytes: fileBytes ?? storageBytes,
    };
  }

  /** The limit that it was stopped for. */
  get breach(): LimitBreach | undefined {
    return this.#breach;
  }

  /** What it uses, as of the last look; undefined before one, and where nothing tells. */
  get usage(): PluginUsage | undefined {
    if (this.#last === undefined) return undefined;
    const { memoryBytes, cpuMs } = this.#last;
    return { memoryBytes, cpuMs, cpuShare: this.#cpu.recent };
  }

  /** How far its event loop was behind since this was asked last, where that is known. */
  takeLagMs(): number {
    return this.#responsiveness.takeLagMs();
  }

  /** The figure of memory or processor, where it is close to its limit. */
  findNear(limit: "memory" | "cpu"): LimitFigure | undefined {
    const threshold = this.#thresholds.get(limit);
    const isNear = limit === "cpu" ? this.#cpu.isAtShare : threshold?.isClose;
    const used = this.#used.get(limit);
    return isNear && used !== undefined ? { limit, used, allowed: threshold!.allowed } : undefined;
  }

  /** How each of its limits stands. */
  describe(): LimitState[] {
    return this.#enforcement().flatMap((enforcement) => {
      const { limit } = enforcement;
      const allowed = this.#thresholds.get(limit)?.allowed;
      const used = this.#used.get(limit);
      if (allowed === undefined) return [];
      return [{ ...enforcement, ...(used === undefined ? {} : { used }), allowed, unit: LIMIT_UNITS[limit] }];
    });
  }

  /** Opens sandboxes that are watched, and whose end is the end of all their processes. */
  confine(open: OpenSandbox): OpenSandbox {
    return watchSandbox(open, {
      onSpawn: (pid) => this.#processes.attach(pid),
      attached: () => this.#processes.attached,
      onOpen: (sandbox) => {
        this.#sandbox = sandbox;
        this.#tier = sandbox.tier;
      },
      onRecord: (line) => {
        this.#gate.count();
        if (line !== undefined) this.#heapWasFull ||= isHeapExhaustion(line);
      },
      onPong: (count) => this.#responsiveness.answer(count),
      hold: () => this.#gate.held,
      onStop: () => {
        // What is paused cannot be asked, and what outlives its parent is found below it only now.
        this.#processes.pause(false);
        this.#processes.findDescendants();
      },
      onEnd: (exit) => this.#end(exit),
    });
  }

  /** It has started: from now on it has to take messages. */
  serve(): void {
    this.#isServing = true;
  }

  /** Looks at what it uses. */
  look(now: number): void {
    const { pid } = this.#processes;
    if (pid === undefined || this.#isEnding) return;
    const isSlowLook = this.#looks++ % SLOW_LOOKS === 0;
    if (isSlowLook && this.#parts.mayRun) this.#processes.findDescendants();
    const usage = this.#processes.readUsage();
    if (usage !== undefined) {
      const before = this.#last ?? { now, cpuMs: usage.cpuMs };
      this.#last = { now, ...usage };
      this.#judge("memory", usage.memoryBytes);
      this.#judge("threads", usage.threads);
      this.#judgeCpu(Math.max(0, usage.cpuMs - before.cpuMs), now - before.now);
    }
    if (isSlowLook) {
      for (const [limit, used] of this.#slow.look(pid, now)) this.#judge(limit, used);
    }
  }

  #enforcement(): Enforcement[] {
    return findEnforcement({
      tier: this.#tier,
      places: this.#parts.cgroups.places,
      failures: this.#processes.failures,
      showsProcesses: showsProcesses(),
    });
  }

  #judgeCpu(cpuMs: number, tookMs: number): void {
    if (tookMs <= 0) return;
    this.#cpu.take(cpuMs, tookMs);
    const { limits, cpuExcess } = this.#parts;
    const { sustained, isBusy } = this.#cpu;
    if (limits.cpuShare !== undefined && sustained !== undefined) {
      const figure: LimitFigure = { limit: "cpu", used: sustained * 100, allowed: limits.cpuShare * 100 };
      this.#used.set("cpu", figure.used);
      if (this.#cpu.takeNews()) this.#tell(figure);
      if (cpuExcess === "stop" && figure.used > figure.allowed) this.#reach(figure);
    }
    if (cpuExcess === "throttle" && !this.#processes.isBoundedBy("cpu")) {
      this.#processes.pause(this.#cpu.mustPause);
    }
    if (!this.#isServing) return;
    const silentMs = this.#responsiveness.look(isBusy, Math.min(cpuMs, tookMs));
    if (silentMs >= limits.responseMs) {
      this.#reach({ limit: "responsiveness", used: silentMs, allowed: limits.responseMs });
    }
  }

  #judge(limit: LimitName, used: number): void {
    const threshold = this.#thresholds.get(limit);
    // One without memory has ended and was not waited for yet: what it used before is kept for its crash report.
    if (threshold === undefined || this.#last?.memoryBytes === 0) return;
    this.#used.set(limit, used);
    const [figure, crossing] = [{ limit, used, allowed: threshold.allowed }, threshold.take(used)];
    if (crossing === "soft") this.#tell(figure);
    if (crossing === "hard") this.#reach(figure);
  }

  #onFlood({ inARow, records }: { readonly inARow: number; readonly records: number }): void {
    const { count, periodMs } = this.#parts.limits.logRate;
    const figure: LimitFigure = { limit: "log_rate", used: records, allowed: count * 1_000 / periodMs };
    this.#used.set("log_rate", records);
    this.#flood = figure;
    if (inARow === FLOOD_SOFT_SECONDS) this.#tell(figure);
    if (inARow >= FLOOD_HARD_SECONDS) this.#reach(figure);
  }

  #tell(figure: LimitFigure): void {
    if (this.#breach !== undefined) return;
    this.#parts.actions.note("soft", figure);
    this.#notify("limit", { ...figure, unit: LIMIT_UNITS[figure.limit] });
  }

  #reach(breach: LimitBreach): void {
    const isUrgent = breach.limit === "memory" && breach.used > breach.allowed * URGENT_SHARE;
    if (this.#breach !== undefined && !isUrgent) return;
    if (this.#breach === undefined) this.#parts.actions.note("hard", breach);
    this.#breach ??= breach;
    this.#parts.actions.stop(this.#breach, { isUrgent });
  }

  /** Tells the sandbox something; one that is gone or does not read needs no word. */
  #notify(method: string, param: unknown): void {
    try {
      this.#sandbox?.peer.notify(method, [param]);
    } catch {
      // Its end is on the way.
    }
  }

  async #end(exit: SandboxExit | undefined): Promise<void> {
    const cause = exit === undefined || this.#breach !== undefined ? undefined : findExitCause(exit, {
      limits: this.#parts.limits,
      processes: this.#processes,
      memoryBytes: this.#used.get("memory"),
      heapWasFull: this.#heapWasFull,
      flood: this.#gate.isFlooded ? this.#flood : undefined,
    });
    if (cause !== undefined) this.#parts.actions.note("hard", cause);
    this.#breach ??= cause;
    this.#isEnding = true;
    this.#gate[Symbol.dispose]();
    await this.#processes.end();
    this.#parts.onEnd();
  }
}
