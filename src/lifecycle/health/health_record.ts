/**
 * What is known of one plugin's health: what it answered last, and what
 * changed.
 *
 * @module
 */

import { RateLimiter } from "../../internal/rate_limiter.ts";
import type { Rate } from "../../internal/units.ts";
import type { HealthReport, HealthStatus } from "../../sdk/health.ts";

/** Changes that are remembered. */
const MAX_CHANGES = 32;
/** Changes that are told: a plugin may think of another reason each time. */
const TOLD: Rate = { count: 10, periodMs: 60_000 };

/** What somebody found about the health of a plugin. */
export interface HealthFinding {
  /** Who: `report` (the plugin itself), `lag`, `memory`, `cpu`, `errors`, or what it depends on. */
  readonly source: string;
  /** How it is as far as they see. */
  readonly status: HealthStatus;
  /** Why, as half a sentence about it; undefined where all is well. */
  readonly reason?: string | undefined;
}

/** A change of a plugin's health. */
export interface HealthChange extends HealthFinding {
  /** When. */
  readonly time: string;
}

/** What a plugin answered when it was asked how it is; its reason is half a sentence about it. */
export interface HealthCheck extends HealthReport {
  /** When it had answered. */
  readonly time: string;
  /** How long that took. */
  readonly tookMs: number;
}

/** The health of one plugin, over all its runs. */
export class HealthRecord {
  readonly #history: HealthChange[] = [];
  readonly #now: () => number;
  #told: RateLimiter | undefined;
  #lastCheck: HealthCheck | undefined;
  #since: string | undefined;

  /** @param now The clock, in milliseconds. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** The last changes, oldest first. */
  get history(): readonly HealthChange[] {
    return [...this.#history];
  }

  /** What it answered last in this run or the last one; undefined where it was not asked. */
  get lastCheck(): HealthCheck | undefined {
    return this.#lastCheck;
  }

  /** When it last changed, or began to run. */
  get since(): string | undefined {
    return this.#since;
  }

  /** It begins to run. */
  begin(): void {
    this.#lastCheck = undefined;
    this.#since = new Date().toISOString();
  }

  /** Takes what it answered. */
  keepCheck(check: HealthCheck): void {
    this.#lastCheck = check;
  }

  /**
   * Takes a change; the oldest is forgotten for it.
   *
   * @returns Whether it is to be told.
   */
  keep(finding: HealthFinding): boolean {
    const time = this.#since = new Date().toISOString();
    this.#history.push({ ...finding, time });
    if (this.#history.length > MAX_CHANGES) this.#history.shift();
    this.#told ??= new RateLimiter(TOLD, this.#now);
    return this.#told.take();
  }
}
