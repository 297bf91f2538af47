/**
 * Permits for a few at a time; a lock is one permit. Whoever came first is
 * served first, even where a later one would fit.
 *
 * @module
 */

import { CordonError } from "../../errors.ts";
import { MAX_WAITERS } from "./bounds.ts";
import { Lease, type LeaseClaim } from "./lease.ts";
import { findDeadlock, formatDeadlock, type Waiting, type WaitQueue } from "./wait_graph.ts";

/** Who wants permits. */
export interface PermitClaim extends LeaseClaim {
  /** How many. */
  readonly permits: number;
  /** Milliseconds to wait for them; with 0 they are free at once or refused. */
  readonly waitMs: number;
  /** What the owner keeps until it has them. */
  readonly keeps: ReadonlySet<Lease>;
  /** Whether the owner said so. */
  readonly isSaid: boolean;
}

/** A semaphore. */
export class Semaphore implements WaitQueue {
  /** Its name. */
  readonly name: string;
  /** How many permits there are. */
  readonly permits: number;
  /** What is held. */
  readonly leases: Set<Lease> = new Set();
  /** Who waits, in the order in which they are served. */
  readonly waits: Set<Wait> = new Set();
  readonly #issueToken: () => number;
  #free: number;

  /**
   * @param name Its name.
   * @param permits How many permits there are.
   * @param issueToken The token of the next lease.
   */
  constructor(name: string, permits: number, issueToken: () => number) {
    this.name = name;
    this.permits = permits;
    this.#free = permits;
    this.#issueToken = issueToken;
  }

  /** Permits that nobody holds. */
  get free(): number {
    return this.#free;
  }

  /** Whether nobody holds it or waits. */
  get isIdle(): boolean {
    return this.leases.size === 0 && this.waits.size === 0;
  }

  /**
   * Takes permits, or a place in the queue.
   *
   * @throws {CordonError} `invalid_input` for more permits than there are, `deadlock`, `deadline_exceeded`
   * where none is to be waited for, `too_many_waiters`.
   */
  acquire(claim: PermitClaim): Lease | Wait {
    if (claim.permits > this.permits) {
      throw new CordonError(
        "invalid_input",
        `Cannot take ${claim.permits} permits of "${this.name}": it has ${this.permits}`,
      );
    }
    const inherited = this.#findInherited(claim);
    if (inherited !== undefined) return inherited.heir = this.#grant(claim, inherited.permits);
    if (this.waits.size === 0 && claim.permits <= this.#free) return this.#grant(claim);
    if (claim.waitMs === 0) throw this.#late(claim);
    if (this.waits.size >= MAX_WAITERS) {
      throw new CordonError(
        "too_many_waiters",
        `Cannot wait for "${this.name}": ${MAX_WAITERS} wait for it`,
      );
    }
    const wait: Wait = new Wait(claim, this, {
      onEnd: () => this.#leave(wait),
      makeLateError: () => this.#late(claim),
    });
    this.waits.add(wait);
    // Nobody depends on one who keeps nothing.
    const cycle = claim.keeps.size === 0 ? undefined : findDeadlock(wait);
    if (cycle !== undefined) {
      const error = new CordonError(
        "deadlock",
        `Cannot wait for "${this.name}": that would never end, since ${formatDeadlock(cycle)}`,
        { hint: "Take them in the same order everywhere, or release one before waiting for the next" },
      );
      wait.cancel(error);
      throw error;
    }
    return wait;
  }

  /** A lease of an earlier instance of the same plugin, whose place the owner takes: what that holds is handed on. */
  #findInherited({ owner, permits }: PermitClaim): Lease | undefined {
    for (const lease of this.leases) {
      const { id, instance } = lease.owner;
      const isEarlier = id === owner.id && instance < owner.instance;
      if (isEarlier && lease.heir === undefined && lease.permits >= permits) return lease;
    }
    return undefined;
  }

  /** @param inherited Permits that another lease of the plugin has for it. */
  #grant(claim: PermitClaim, inherited = 0): Lease {
    this.#free -= Math.max(0, claim.permits - inherited);
    const lease = new Lease(claim, {
      resource: this.name,
      permits: claim.permits,
      token: this.#issueToken(),
      onEnd: () => {
        this.leases.delete(lease);
        const testator = [...this.leases].find(({ heir }) => heir === lease);
        if (testator === undefined) this.#free += claim.permits - (lease.heir?.permits ?? 0);
        else testator.heir = lease.heir;
        this.#serve();
      },
    });
    this.leases.add(lease);
    return lease;
  }

  #leave(wait: Wait): void {
    this.waits.delete(wait);
    this.#serve();
  }

  /** Serves those who wait, as long as there is enough for the first of them. */
  #serve(): void {
    for (const wait of this.waits) {
      if (wait.permits > this.#free) return;
      this.waits.delete(wait);
      wait.end(this.#grant(wait.claim));
    }
  }

  #late({ waitMs }: PermitClaim): CordonError {
    const holders = [...new Set([...this.leases].map(({ owner }) => `"${owner.id}"`))];
    const held = holders.length === 0 ? "others wait for it" : `held by ${holders.slice(0, 3).join(", ")}`;
    return new CordonError(
      "deadline_exceeded",
      `Cannot take "${this.name}" within ${waitMs} ms: ${held}`,
      { hint: "See who holds what: cordon resources" },
    );
  }
}

/** Somebody who waits for permits. */
export class Wait implements Waiting {
  /** What is wanted. */
  readonly claim: PermitClaim;
  /** Where. */
  readonly queue: WaitQueue;
  /** Since when, in milliseconds since 1970. */
  readonly since: number = Date.now();
  /** The lease, once it is there. */
  readonly granted: Promise<Lease>;
  readonly #resolve: (lease: Lease) => void;
  readonly #reject: (error: unknown) => void;
  readonly #onEnd: () => void;
  #lease: Lease | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * Begins to wait.
   *
   * @param claim What is wanted.
   * @param queue Where.
   * @param terms `onEnd`: called when nobody waits any more, without a lease; and how lateness is told.
   */
  constructor(
    claim: PermitClaim,
    queue: WaitQueue,
    terms: { readonly onEnd: () => void; readonly makeLateError: () => CordonError },
  ) {
    this.claim = claim;
    this.queue = queue;
    const { promise, resolve, reject } = Promise.withResolvers<Lease>();
    this.granted = promise;
    // One that is refused at once is not awaited.
    promise.catch(() => {});
    this.#resolve = resolve;
    this.#reject = reject;
    this.#onEnd = terms.onEnd;
    this.#timer = setTimeout(() => this.cancel(terms.makeLateError()), claim.waitMs);
    for (const lease of claim.keeps) lease.keptBy.add(this);
  }

  /** Who waits. */
  get owner(): PermitClaim["owner"] {
    return this.claim.owner;
  }

  /** For how many permits. */
  get permits(): number {
    return this.claim.permits;
  }

  /** Whether its owner said what is kept meanwhile. */
  get isSaid(): boolean {
    return this.claim.isSaid;
  }

  /** What was waited for, once it is there. */
  get lease(): Lease | undefined {
    return this.#lease;
  }

  /** Ends it with the lease. */
  end(lease: Lease): void {
    this.#stop();
    this.#lease = lease;
    this.#resolve(lease);
  }

  /** Ends it without, unless it has ended. */
  cancel(error: unknown): void {
    if (!this.#stop()) return;
    this.#reject(error);
    this.#onEnd();
  }

  #stop(): boolean {
    if (this.#timer === undefined) return false;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const lease of this.claim.keeps) lease.keptBy.delete(this);
    return true;
  }
}
