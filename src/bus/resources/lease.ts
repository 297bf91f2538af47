/**
 * Something that a plugin has for a limited time.
 *
 * @module
 */

import type { Holding, Party, Waiting } from "./wait_graph.ts";

/** Who takes a lease: one running instance of a plugin. */
export interface LeaseOwner extends Party {
  /** Which of the plugin's instances, counted by the host. */
  readonly instance: number;
}

/** Who wants a lease, and for how long. */
export interface LeaseClaim {
  /** Who. */
  readonly owner: LeaseOwner;
  /** Milliseconds until it ends by itself. */
  readonly leaseMs: number;
  /** Told when that happens. */
  readonly onExpire: (lease: Lease) => void;
}

/** A lease; it ends by itself when its time is over. */
export class Lease implements Holding {
  /** Who has it. */
  readonly owner: LeaseOwner;
  /** What of. */
  readonly resource: string;
  /** Permits that it takes. */
  readonly permits: number;
  /** Rises with each lease of the host, and from host to host: a late holder is told by it. */
  readonly token: number;
  /** When it was taken, in milliseconds since 1970. */
  readonly since: number = Date.now();
  /** Waits until whose end it is kept. */
  readonly keptBy: Set<Waiting> = new Set();
  /** The lease of a later instance of the same plugin, which needs no permits of its own before this one ends. */
  heir: Lease | undefined;
  readonly #claim: LeaseClaim;
  readonly #onEnd: (lease: Lease) => void;
  #expiresAt = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * Takes a lease.
   *
   * @param claim For whom.
   * @param terms Of what; `onEnd` is called once, before anybody is told.
   */
  constructor(
    claim: LeaseClaim,
    terms: {
      readonly resource: string;
      readonly permits: number;
      readonly token: number;
      readonly onEnd: (lease: Lease) => void;
    },
  ) {
    this.owner = claim.owner;
    this.resource = terms.resource;
    this.permits = terms.permits;
    this.token = terms.token;
    this.#claim = claim;
    this.#onEnd = terms.onEnd;
    this.renew(claim.leaseMs);
  }

  /** Whether it has not ended. */
  get isHeld(): boolean {
    return this.#timer !== undefined;
  }

  /** Milliseconds until it ends by itself. */
  get remainingMs(): number {
    return Math.max(0, this.#expiresAt - performance.now());
  }

  /** Has it end so many milliseconds from now; as many as at first, unless said. */
  renew(leaseMs: number = this.#claim.leaseMs): void {
    clearTimeout(this.#timer);
    this.#expiresAt = performance.now() + leaseMs;
    this.#timer = setTimeout(() => {
      if (this.release()) this.#claim.onExpire(this);
    }, leaseMs);
  }

  /** Ends it; false when it had ended. */
  release(): boolean {
    if (!this.isHeld) return false;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#onEnd(this);
    return true;
  }
}
