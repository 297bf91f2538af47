/**
 * The way of one plugin back from its ends: the timer of its next restart, its
 * restart policy and its circuit breaker.
 *
 * @module
 */

import type { Manifest } from "../../manifest/manifest.ts";
import { CircuitBreaker } from "./circuit_breaker.ts";
import { RestartPolicy } from "./restart_policy.ts";

/** How one plugin comes back. */
export class Recovery {
  /** The manifest that it goes by. */
  readonly manifest: Manifest;
  /** Decides about its ends. */
  readonly policy: RestartPolicy;
  /** Stands before calls to it while it is down. */
  readonly breaker: CircuitBreaker = new CircuitBreaker();
  /** Whether it has run since somebody started it. */
  hasRun = false;
  /** Calls that wait for it. */
  waiting = 0;
  /** Why it is down. */
  reason = "";
  #timer: { readonly id: ReturnType<typeof setTimeout>; readonly dueAt: number } | undefined;
  #isGivenUp = false;
  #change = Promise.withResolvers<void>();

  /** @param manifest What it says about restarts. */
  constructor(manifest: Manifest) {
    this.manifest = manifest;
    this.policy = new RestartPolicy(manifest.health);
  }

  /** Whether only its restart, or an administrator, may start it. */
  get isHeld(): boolean {
    return this.#timer !== undefined || this.#isGivenUp;
  }

  /** Whether a restart of it is due. */
  get isScheduled(): boolean {
    return this.#timer !== undefined;
  }

  /** Milliseconds until it is started again; undefined where nothing does that. */
  get retryInMs(): number | undefined {
    return this.#timer && Math.max(0, Math.ceil(this.#timer.dueAt - performance.now()));
  }

  /** Settles when something about it has changed. */
  get changed(): Promise<void> {
    return this.#change.promise;
  }

  /** Has it started again after a while. */
  schedule(delayMs: number, restart: () => void): void {
    const id = setTimeout(() => {
      this.#timer = undefined;
      restart();
      this.noteChange();
    }, delayMs);
    this.#timer = { id, dueAt: performance.now() + delayMs };
  }

  /** Has it not started again. */
  giveUp(): void {
    this.#isGivenUp = true;
  }

  /** Ends the wait for its restart. */
  cancel(): void {
    clearTimeout(this.#timer?.id);
    this.#timer = undefined;
    this.noteChange();
  }

  /** Lets it be started as if nothing had been. */
  reset(): void {
    this.policy.reset();
    this.breaker.close();
    this.hasRun = false;
    this.#isGivenUp = false;
    this.cancel();
  }

  /** Tells those who wait that something has changed. */
  noteChange(): void {
    this.#change.resolve();
    this.#change = Promise.withResolvers();
  }
}
