/**
 * What becomes of a plugin that has ended: started again after a while, left
 * alone, or given up. Pure; the clock and the dice are given.
 *
 * @module
 */

import type { Rate } from "../../internal/units.ts";
import type { Manifest } from "../../manifest/manifest.ts";
import { RestartWindow } from "./restart_window.ts";

/** What a manifest says about restarts. */
export type RestartRule = Pick<Manifest["health"], "restart" | "backoffMs" | "maxRestarts">;

/** How a plugin ended that nobody had stopped. */
export type EndKind = "clean" | "failed";

/** What becomes of it. */
export type RestartDecision =
  | { readonly type: "restart"; readonly attempt: number; readonly delayMs: number }
  | { readonly type: "give_up"; readonly limit: Rate }
  | { readonly type: "leave" };

/** The world of a policy. */
export interface RestartPolicyOptions {
  /** The clock, in milliseconds. @default {performance.now} */
  readonly now?: () => number;
  /** A number from 0 to below 1. @default {Math.random} */
  readonly random?: () => number;
}

/** A run that is this many times as long as the longest wait makes the next wait a first one. */
export const HEALTHY_WAITS = 2;

/** Restarts that no manifest goes beyond. */
export const MOST_RESTARTS: Rate = { count: 1_000, periodMs: 600_000 };

/** Restarts that are remembered at most, where a manifest allows more in a time longer than that. */
const MOST_COUNTED = 10_000;

/** Longest wait that a timer can keep. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Decides about the ends of one plugin. */
export class RestartPolicy {
  readonly #rule: RestartRule;
  readonly #now: () => number;
  readonly #random: () => number;
  readonly #windows: readonly { readonly limit: Rate; readonly restarts: RestartWindow }[];
  #failures = 0;
  #runsSince: number | undefined;

  /** @param rule What its manifest says. */
  constructor(
    rule: RestartRule,
    { now = () => performance.now(), random = Math.random }: RestartPolicyOptions = {},
  ) {
    this.#rule = rule;
    this.#now = now;
    this.#random = random;
    const { count, periodMs } = rule.maxRestarts;
    const limits = [{ count: Math.min(count, MOST_COUNTED), periodMs }, MOST_RESTARTS];
    this.#windows = limits.map((limit) => ({ limit, restarts: new RestartWindow(limit) }));
  }

  /** Ends and failed starts in a row, without a healthy run between them. */
  get failures(): number {
    return this.#failures;
  }

  /** Counts a restart, when it is made. */
  noteRestart(): void {
    for (const { restarts } of this.#windows) restarts.add(this.#now());
  }

  /** Takes note that it runs. */
  noteRunning(): void {
    this.#runsSince = this.#now();
  }

  /** Decides what becomes of it, at its end or after a restart that failed. */
  decide(kind: EndKind): RestartDecision {
    const { restart, backoffMs } = this.#rule;
    const ranMs = this.#runsSince === undefined ? 0 : this.#now() - this.#runsSince;
    this.#runsSince = undefined;
    if (ranMs >= HEALTHY_WAITS * backoffMs[1]) this.#failures = 0;
    if (kind === "clean" && restart !== "always") return { type: "leave" };
    this.#failures++;
    if (restart === "never") return { type: "leave" };
    const full = this.#windows.find(({ restarts }) => restarts.isFull(this.#now()));
    if (full !== undefined) return { type: "give_up", limit: full.limit };
    return { type: "restart", attempt: this.#failures, delayMs: this.drawDelay() };
  }

  /** Draws the wait that the present number of failures in a row stands for, in milliseconds. */
  drawDelay(): number {
    const [shortest, longest] = backoffRange(this.#rule, this.#failures);
    return Math.round(shortest + this.#random() * (longest - shortest));
  }

  /** Forgets what was. */
  reset(): void {
    this.#failures = 0;
    this.#runsSince = undefined;
    for (const { restarts } of this.#windows) restarts.clear();
  }
}

/** Between which waits the one before the n-th restart in a row is drawn. */
export function backoffRange(
  { backoffMs: [first, last] }: Pick<RestartRule, "backoffMs">,
  attempt: number,
): [shortestMs: number, longestMs: number] {
  const longest = Math.min(last, first * 2 ** attempt, MAX_TIMER_MS);
  return [Math.min(first, longest), longest];
}
