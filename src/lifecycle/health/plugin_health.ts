/**
 * The health of one running plugin: what it says itself, how far its event
 * loop is behind, what it uses of its limits, and how many calls fail.
 *
 * @module
 */

import { formatFigure, type LimitFigure } from "../../sandbox/limits/limit.ts";
import type { Manifest } from "../../manifest/manifest.ts";
import { type CallCounts, CallWindow } from "./call_window.ts";
import type { HealthCheckOptions } from "./health_check.ts";
import type { HealthCheck, HealthFinding } from "./health_record.ts";
import { SteadySignal } from "./steady_signal.ts";

/** Fewer calls than this say nothing about how many fail. */
const MIN_CALLS = 10;

/** Who finds something about the health of a running plugin. */
export const HEALTH_SOURCES = ["report", "lag", "memory", "cpu", "errors"] as const;

type Source = typeof HEALTH_SOURCES[number];

/** What of a running plugin is looked at, and who is told. */
export interface HealthSubject {
  /** What its manifest says of its health. */
  readonly settings: Manifest["health"];
  /** Asks it how it is; undefined where it does not say. */
  readonly check: ((options: HealthCheckOptions) => Promise<HealthCheck>) | undefined;
  /** What it uses. */
  readonly usage: {
    /** How far its event loop was behind since this was asked last. */
    takeLagMs(): number;
    /** A figure that is close to its limit. */
    findNear(limit: "memory" | "cpu"): LimitFigure | undefined;
  };
  /** Calls into it, over all its runs. */
  readonly countCalls: () => CallCounts;
  /** Told what was found, at each look. */
  readonly onFinding: (finding: HealthFinding) => void;
  /** Told what it answered. */
  readonly onCheck: (check: HealthCheck) => void;
  /** Told when it failed too many checks in a row; once. */
  readonly onFailure: (why: string) => void;
}

/** Looks at one running plugin. */
export class PluginHealth implements Disposable {
  readonly #subject: HealthSubject;
  readonly #signals = new Map(HEALTH_SOURCES.map((source) => [source, new SteadySignal()]));
  readonly #reasons = new Map<Source, string>();
  readonly #window = new CallWindow();
  /** Checks in a row that failed. */
  #failures = 0;
  #askedAt: number | undefined;
  #isOver = false;

  /**
   * @param subject What is looked at.
   * @param now The time, in milliseconds.
   */
  constructor(subject: HealthSubject, now: number) {
    this.#subject = subject;
    this.#window.take(subject.countCalls(), now);
  }

  /** Whether the next look asks the plugin: it can be asked, and owes no answer. */
  get willAsk(): boolean {
    return this.#subject.check !== undefined && this.#askedAt === undefined;
  }

  /** When it was asked, while it has not answered. */
  get askedAt(): number | undefined {
    return this.#askedAt;
  }

  /** Looks once, and asks the plugin unless it still owes an answer. */
  look(now: number): void {
    const { usage, settings, check } = this.#subject;
    const lagMs = usage.takeLagMs();
    this.#judge("lag", lagMs > settings.lagMs && describeLag(lagMs, settings.lagMs));
    for (const limit of ["memory", "cpu"] as const) {
      const near = usage.findNear(limit);
      this.#judge(limit, near !== undefined && formatFigure(near));
    }
    this.#judge("errors", this.#findErrors(now));
    if (check !== undefined && this.#askedAt === undefined) void this.#ask(check, now);
  }

  /** Takes what it answered. */
  take(answer: HealthCheck): void {
    const { settings: { failures }, onCheck, onFailure } = this.#subject;
    onCheck(answer);
    const { status, reason } = answer;
    // Its words are the latest; a figure is the one that was too much.
    if (reason !== undefined) this.#reasons.delete("report");
    this.#judge("report", reason ?? false, status);
    this.#failures = status === "failing" ? this.#failures + 1 : 0;
    if (this.#failures < failures) return;
    this.#isOver = true;
    const checks = failures === 1 ? "a health check" : `${failures} health checks in a row`;
    onFailure(`${checks} failed: ${reason}`);
  }

  /** Nothing is told any more. */
  [Symbol.dispose](): void {
    this.#isOver = true;
  }

  #findErrors(now: number): string | false {
    const { calls, failed } = this.#window.take(this.#subject.countCalls(), now);
    const { errorRate } = this.#subject.settings;
    if (calls < MIN_CALLS || failed / calls <= errorRate) return false;
    return `${failed} of its last ${calls} calls failed, and ${toPercent(errorRate)} may (health.error_rate)`;
  }

  async #ask(check: NonNullable<HealthSubject["check"]>, now: number): Promise<void> {
    const { timeoutMs } = this.#subject.settings;
    this.#askedAt = now;
    let answer: HealthCheck;
    try {
      answer = await check({ timeoutMs });
    } catch {
      // It is gone: its end is told elsewhere.
      return;
    } finally {
      this.#askedAt = undefined;
    }
    if (!this.#isOver) this.take(answer);
  }

  #judge(source: Source, found: string | false, status: HealthFinding["status"] = "degraded"): void {
    const isUp = this.#signals.get(source)!.take(found !== false);
    if (!isUp) this.#reasons.delete(source);
    else if (found !== false && !this.#reasons.has(source)) this.#reasons.set(source, found);
    const reason = this.#reasons.get(source);
    this.#subject.onFinding(
      reason === undefined
        ? { source, status: "ok" }
        : { source, status: found === false ? "degraded" : status, reason },
    );
  }
}

function describeLag(lagMs: number, allowedMs: number): string {
  return `its event loop was ${Math.round(lagMs)} ms behind, and ${allowedMs} ms are allowed (health.lag)`;
}

function toPercent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
