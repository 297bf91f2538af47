/**
 * Shared things that a plugin touches, as its manifest declares.
 *
 * @module
 */

import { BlobReader, type BlobVersion, BlobWriter } from "../../bus/resources/blob.ts";
import {
  checkMs,
  checkWhole,
  DEFAULT_WAIT_MS,
  MAX_HOLDINGS,
  MAX_WAIT_MS,
} from "../../bus/resources/bounds.ts";
import { Lease } from "../../bus/resources/lease.ts";
import type { ResourceOwner } from "../../bus/resources/resource_owner.ts";
import type { PermitClaim } from "../../bus/resources/semaphore.ts";
import type { SharedResources } from "../../bus/resources/shared_resources.ts";
import { CordonError } from "../../errors.ts";
import type { Manifest } from "../../manifest/manifest.ts";
import type { CallContext } from "../../rpc/incoming_call.ts";
import { BLOB_CHUNK_BYTES, type LeaseReply } from "../../rpc/protocol.ts";
import { checkLeaseMs, leaseOf, ResourceHoldings } from "./resource_holdings.ts";
import { asName, Refusals, type Service } from "./service.ts";

/** What is nobody's mistake, or was noted before. */
const NO_MISTAKES: ReadonlySet<string> = new Set([
  "blob_busy",
  "cancelled",
  "channel_closed",
  "deadline_exceeded",
  "lease_expired",
]);

/** What it reaches. */
export interface ResourceServiceContext {
  /** The plugin's manifest. */
  readonly manifest: Manifest;
  /** Shared things. */
  readonly resources: SharedResources;
  /** Notes what it does not get. */
  readonly refusals: Refusals;
  /** Notes what happened to it. */
  readonly registry: { note(type: string, facts: Record<string, unknown>, id: string): void };
}

/** The shared things of one plugin. */
export class ResourceService implements Service {
  readonly #owner: ResourceOwner;
  readonly #holdings: ResourceHoldings;
  readonly #refusals: Refusals;
  readonly handlers: Service["handlers"];
  readonly idleRequests: Service["idleRequests"] = ["lostLeases"];

  /** @param context What it reaches. */
  constructor({ manifest, resources, refusals, registry }: ResourceServiceContext) {
    const { id } = manifest;
    this.#owner = resources.enter(id, manifest.resources);
    this.#refusals = refusals;
    const expiries = new Refusals((message) => registry.note("resource.lease_expired", { message }, id));
    this.#holdings = new ResourceHoldings(
      this.#owner,
      (message) => void expiries.note(new CordonError("lease_expired", message)),
    );
    this.handlers = {
      acquire: this.#noting((params, call) => this.#acquire(params, call)),
      renew: this.#noting(([id, leaseMs]) => this.#renew(id, leaseMs)),
      release: this.#noting(([id]) => {
        this.#holdings.release(id);
        return null;
      }),
      lostLeases: () => this.#holdings.awaitLost(),
      count: this.#noting((params) => this.#count(params)),
      cache: this.#noting((params) => this.#cache(params)),
      blobOpen: this.#noting(([id, name, leaseMs]) => this.#blobOpen(id, name, leaseMs)),
      blobRead: this.#noting(([id, offset, length]) => this.#blobRead(id, offset, length)),
      blobWrite: this.#noting((params) => this.#blobWrite(params)),
      blobAppend: this.#noting(([id, bytes]) => this.#blobAppend(id, bytes)),
    };
  }

  /** Whether the plugin has leases, or waits for some. */
  get isHolding(): boolean {
    return this.#holdings.size > 0;
  }

  /** Gives everything back at once; whoever waits for it is served. */
  [Symbol.dispose](): void {
    this.#holdings[Symbol.dispose]();
    this.#owner[Symbol.dispose]();
  }

  #acquire(
    [id, kind, name, permits, waitMs, leaseMs, holding]: readonly unknown[],
    call: CallContext,
  ): LeaseReply | Promise<LeaseReply> {
    if (kind !== "lock" && kind !== "semaphore") {
      throw new CordonError("invalid_input", "Cannot take a lease: neither of a lock nor of a semaphore");
    }
    const semaphore = this.#owner.semaphore(asName(name), kind);
    const taken = semaphore.acquire({
      ...this.#holdings.claim(id, leaseMs),
      permits: kind === "lock" ? 1 : checkWhole(permits ?? 1, "permits", 1),
      waitMs: checkMs(waitMs ?? DEFAULT_WAIT_MS, { name: "timeoutMs", least: 0, most: MAX_WAIT_MS }),
      ...this.#readKept(semaphore.name, holding),
    });
    this.#holdings.keep(id, taken);
    if (taken instanceof Lease) return { token: taken.token };
    const { signal } = call;
    const giveUp = () => taken.cancel(signal.reason);
    signal.addEventListener("abort", giveUp, { once: true });
    if (signal.aborted) giveUp();
    return taken.granted.then(({ token }) => ({ token }), (error) => {
      this.#holdings.forget(id);
      throw error;
    }).finally(() => signal.removeEventListener("abort", giveUp));
  }

  /** What the plugin keeps while it waits: what it says, or all that it has of something else. */
  #readKept(name: string, said: unknown): Pick<PermitClaim, "keeps" | "isSaid"> {
    if (said === null || said === undefined) {
      const held = [...this.#holdings.listPermits()];
      return { keeps: new Set(held.filter(({ resource }) => resource !== name)), isSaid: false };
    }
    if (!Array.isArray(said) || said.length > MAX_HOLDINGS) {
      throw new CordonError("invalid_input", "Cannot wait: what is held meanwhile is no list of leases");
    }
    return { keeps: this.#holdings.listPermits(said), isSaid: true };
  }

  #renew(id: unknown, leaseMs: unknown): null {
    const lease = leaseOf(this.#holdings.find(id));
    if (lease === undefined) throw new CordonError("unknown_lease", "Cannot renew a lease: it is waited for");
    lease.renew(leaseMs === null || leaseMs === undefined ? undefined : checkLeaseMs(leaseMs));
    return null;
  }

  #count([name, operation, first, second]: readonly unknown[]): unknown {
    const counter = this.#owner.counter(asName(name), operation === "get" ? "read" : "write");
    switch (operation) {
      case "get":
        return counter.value;
      case "add":
        return counter.add(checkWhole(first, "what is added"));
      case "compareAndSet":
        return counter.compareAndSet(
          checkWhole(first, "what is expected"),
          checkWhole(second, "the new value"),
        );
      default:
        throw unknownOperation();
    }
  }

  #cache([name, operation, key, value, ttlMs]: readonly unknown[]): unknown {
    const cache = this.#owner.cache(asName(name), operation === "get" ? "read" : "write");
    const entry = asName(key);
    switch (operation) {
      case "get":
        return cache.get(entry) ?? null;
      case "set": {
        const isBounded = ttlMs !== null && ttlMs !== undefined;
        const bounds = { name: "ttlMs", least: 1, most: Number.MAX_SAFE_INTEGER };
        cache.set(entry, value, isBounded ? checkMs(ttlMs, bounds) : undefined);
        return null;
      }
      case "delete":
        return cache.delete(entry);
      default:
        throw unknownOperation();
    }
  }

  #blobOpen(id: unknown, name: unknown, leaseMs: unknown): BlobVersion & LeaseReply | null {
    const reader = this.#owner.blob(asName(name), "read").open(this.#holdings.claim(id, leaseMs));
    if (reader === undefined) return null;
    this.#holdings.keep(id, reader);
    return { ...reader.facts, token: reader.lease.token };
  }

  #blobRead(id: unknown, offset: unknown, length: unknown): Uint8Array {
    const reader = this.#holdings.find(id);
    if (!(reader instanceof BlobReader)) throw noBlob();
    const wanted = checkWhole(length, "the length", 0);
    return reader.read(checkWhole(offset, "the offset", 0), Math.min(wanted, BLOB_CHUNK_BYTES));
  }

  #blobWrite([id, name, size, bytes, leaseMs]: readonly unknown[]): Promise<BlobVersion | null> {
    const blob = this.#owner.blob(asName(name), "write");
    const chunk = checkBytes(bytes);
    const writer = blob.begin(this.#holdings.claim(id, leaseMs), checkWhole(size, "the size", 0));
    this.#holdings.keep(id, writer);
    return this.#write(id, writer, chunk);
  }

  #blobAppend(id: unknown, bytes: unknown): Promise<BlobVersion | null> {
    const writer = this.#holdings.find(id);
    if (!(writer instanceof BlobWriter)) throw noBlob();
    return this.#write(id, writer, checkBytes(bytes));
  }

  async #write(id: unknown, writer: BlobWriter, bytes: Uint8Array): Promise<BlobVersion | null> {
    try {
      return await writer.write(bytes) ?? null;
    } finally {
      if (!writer.lease.isHeld) this.#holdings.forget(id);
    }
  }

  /** Has mistakes noted. */
  #noting<Answer>(
    answer: (params: readonly unknown[], call: CallContext) => Answer,
  ): (params: readonly unknown[], call: CallContext) => Answer {
    const note = (error: unknown): never => {
      const isMistake = error instanceof CordonError && !NO_MISTAKES.has(error.code);
      throw isMistake ? this.#refusals.note(error) : error;
    };
    return (params, call) => {
      try {
        const answered = answer(params, call);
        return answered instanceof Promise ? answered.catch(note) as Answer : answered;
      } catch (error) {
        return note(error);
      }
    };
  }
}

function checkBytes(value: unknown): Uint8Array {
  if (value instanceof Uint8Array && value.byteLength <= BLOB_CHUNK_BYTES) return value;
  throw new CordonError(
    "invalid_input",
    `Cannot write a blob: what is added is no bytes, or more than ${BLOB_CHUNK_BYTES}`,
  );
}

function noBlob(): CordonError {
  return new CordonError("unknown_lease", "Cannot do that: the lease is not one of a blob, read or written");
}

function unknownOperation(): CordonError {
  return new CordonError("invalid_input", "Cannot do that: there is no such operation");
}
