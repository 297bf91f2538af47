/**
 * What one plugin has of shared things and waits for, by the numbers that it
 * gave: so it can give up a wait whose lease is on its way to it.
 *
 * @module
 */

import type { BlobReader, BlobWriter } from "../../bus/resources/blob.ts";
import {
  checkMs,
  checkWhole,
  DEFAULT_LEASE_MS,
  MAX_HOLDINGS,
  MAX_LEASE_MS,
} from "../../bus/resources/bounds.ts";
import { Lease, type LeaseClaim, type LeaseOwner } from "../../bus/resources/lease.ts";
import { Wait } from "../../bus/resources/semaphore.ts";
import { CordonError } from "../../errors.ts";
import type { LostLease } from "../../rpc/protocol.ts";

/** A lease, or what has one or is to get one. */
export type Holding = Lease | Wait | BlobReader | BlobWriter;

/** The holdings of one plugin. */
export class ResourceHoldings implements Disposable {
  readonly #owner: LeaseOwner;
  readonly #onExpire: (message: string) => void;
  readonly #holdings = new Map<number, Holding>();
  /** Numbers of leases that ended by themselves, oldest first. */
  readonly #expired = new Set<number>();
  #lastId = -1;
  /** Leases lost that the plugin does not know of, and its question for the next ones. */
  #lost: LostLease[] = [];
  #asking: ((lost: LostLease[]) => void) | undefined;

  /**
   * @param owner Whose.
   * @param onExpire Told of each lease that ends by itself.
   */
  constructor(owner: LeaseOwner, onExpire: (message: string) => void) {
    this.#owner = owner;
    this.#onExpire = onExpire;
  }

  /** How many there are. */
  get size(): number {
    return this.#holdings.size;
  }

  /**
   * What a new lease is claimed with.
   *
   * @throws {CordonError} `invalid_input`, or `too_many_leases`.
   */
  claim(id: unknown, leaseMs: unknown): LeaseClaim {
    if (checkWhole(id, "the lease's number", 0) <= this.#lastId) {
      throw new CordonError("invalid_input", "Cannot take a lease: its number is no new one");
    }
    if (this.#holdings.size >= MAX_HOLDINGS) {
      throw new CordonError(
        "too_many_leases",
        `Cannot take a lease: "${this.#owner.id}" has and waits for ${MAX_HOLDINGS}`,
      );
    }
    return {
      owner: this.#owner,
      leaseMs: checkLeaseMs(leaseMs ?? DEFAULT_LEASE_MS),
      onExpire: (lease) => this.#expire(id as number, lease),
    };
  }

  /** Keeps something under a number that was claimed. */
  keep(id: unknown, holding: Holding): void {
    this.#lastId = id as number;
    this.#holdings.set(this.#lastId, holding);
  }

  /** Forgets what has ended. */
  forget(id: unknown): void {
    this.#holdings.delete(id as number);
  }

  /**
   * What the plugin has under a number.
   *
   * @throws {CordonError} `lease_expired` or `unknown_lease`.
   */
  find(id: unknown): Holding {
    const holding = this.#holdings.get(id as number);
    if (holding !== undefined) return holding;
    if (this.#expired.has(id as number)) {
      throw new CordonError("lease_expired", "Cannot do that: the lease has expired");
    }
    throw new CordonError("unknown_lease", "Cannot do that: there is no such lease");
  }

  /** Ends the lease or wait of a number. */
  release(id: unknown): void {
    const holding = this.find(id);
    this.forget(id);
    end(holding, new CordonError("cancelled", "The wait was given up"));
  }

  /** The locks and permits that the plugin has, of some numbers or at all. */
  listPermits(ids: Iterable<unknown> = this.#holdings.keys()): Set<Lease> {
    const leases = [...ids].map((id) => {
      const holding = this.#holdings.get(id as number);
      // One that has ended since is kept no more.
      return holding instanceof Lease || holding instanceof Wait ? leaseOf(holding) : undefined;
    });
    return new Set(leases.filter((lease) => lease !== undefined));
  }

  /** The leases that the plugin lost, now or when it loses one; one question at a time. */
  awaitLost(): LostLease[] | Promise<LostLease[]> {
    this.#answer();
    if (this.#lost.length > 0) return this.#lost.splice(0);
    const { promise, resolve } = Promise.withResolvers<LostLease[]>();
    this.#asking = resolve;
    return promise;
  }

  /** Gives everything back at once; whoever waits for it is served. */
  [Symbol.dispose](): void {
    const holdings = [...this.#holdings.values()];
    this.#holdings.clear();
    const gone = new CordonError("channel_closed", "Cannot wait: the plugin has ended");
    // First the waits: what it gives back is not for itself.
    for (const waits of [true, false]) {
      for (const holding of holdings) if ((leaseOf(holding) === undefined) === waits) end(holding, gone);
    }
    this.#answer();
  }

  #expire(id: number, { resource, since }: Lease): void {
    this.#holdings.delete(id);
    this.#expired.add(id);
    if (this.#expired.size > MAX_HOLDINGS) this.#expired.delete(this.#expired.values().next().value!);
    const seconds = Number(((Date.now() - since) / 1_000).toFixed(1));
    const message = `The lease of "${this.#owner.id}" on "${resource}" expired after ${seconds} s`;
    this.#onExpire(message);
    this.#lost.push([id, message]);
    if (this.#lost.length > MAX_HOLDINGS) this.#lost.shift();
    if (this.#asking !== undefined) this.#answer();
  }

  /** Answers the question there is, with what is known. */
  #answer(): void {
    const asking = this.#asking;
    this.#asking = undefined;
    asking?.(this.#lost.splice(0));
  }
}

/** The lease of a holding; undefined while it is waited for. */
export function leaseOf(holding: Holding): Lease | undefined {
  return holding instanceof Lease ? holding : holding.lease;
}

/**
 * The time of a lease that a plugin gave.
 *
 * @throws {CordonError} `invalid_input`.
 */
export function checkLeaseMs(value: unknown): number {
  return checkMs(value, { name: "leaseMs", least: 1, most: MAX_LEASE_MS });
}

function end(holding: Holding, reason: CordonError): void {
  const lease = leaseOf(holding);
  if (lease !== undefined) lease.release();
  else if (holding instanceof Wait) holding.cancel(reason);
}
