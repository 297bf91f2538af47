/**
 * What a plugin shares with others: locks, semaphores, counters, caches and
 * blobs that its manifest names under `[resources]`. Types only.
 *
 * @module
 */

/** Something that a plugin has for a limited time; it is given back at the end of an `await using` block. */
export interface Lease extends AsyncDisposable {
  /** Name of what it is on. */
  readonly name: string;
  /**
   * Higher than that of every lease before, also of those before the host was restarted. Whoever keeps
   * the highest one seen can turn away a holder that is late.
   */
  readonly token: number;
  /** Aborts when the lease ends by itself, with an error of the code `lease_expired` as its reason. */
  readonly signal: AbortSignal;
  /**
   * Has it end so many milliseconds from now; by default as many as at first.
   *
   * @throws {CordonError} `lease_expired`, or `invalid_input` for more than ten minutes.
   */
  renew(leaseMs?: number): Promise<void>;
  /**
   * Gives it back; a second time does nothing.
   *
   * @throws {CordonError} `lease_expired` if it ended by itself before.
   */
  release(): Promise<void>;
}

/** How a lease is wanted. */
export interface LeaseOptions {
  /** Milliseconds to wait for it, ten minutes at most; with 0 it is free at once or refused. @default {30000} */
  readonly timeoutMs?: number;
  /** Milliseconds until it ends by itself, ten minutes at most. @default {30000} */
  readonly leaseMs?: number;
  /** Gives up waiting. */
  readonly signal?: AbortSignal;
  /**
   * The locks and permits that are kept while waiting, by which deadlocks are found. Say `[]` in code that
   * holds none while other code of the plugin does. @default {what the plugin has of other resources}
   */
  readonly holding?: readonly Lease[];
}

/** How permits are wanted. */
export interface PermitOptions extends LeaseOptions {
  /** How many. @default {1} */
  readonly permits?: number;
}

/** A whole number that plugins count with; each of its operations is one step. */
export interface SharedCounter {
  /** Adds to it, and returns what it has then. */
  add(by?: number): Promise<number>;
  /** What it has. */
  get(): Promise<number>;
  /** Sets it if it has the value expected; says whether it did, and what it has now. */
  compareAndSet(expected: number, value: number): Promise<{ swapped: boolean; value: number }>;
}

/** Values that can be made again; when there is no room, those not used for longest go. */
export interface SharedCache<T> {
  /** A value; undefined where there is none, or none any more. */
  get(key: string): Promise<T | undefined>;
  /**
   * Puts a JSON-shaped value in (with `Uint8Array` where bytes are meant), for a limited time if wanted.
   *
   * @throws {CordonError} `value_too_large`.
   */
  set(key: string, value: T, options?: { readonly ttlMs?: number }): Promise<void>;
  /** Forgets a value; says whether it was there. */
  delete(key: string): Promise<boolean>;
}

/** A version of a blob. */
export interface BlobVersion {
  /** Counted from 1. */
  readonly version: number;
  /** Bytes of it. */
  readonly size: number;
  /** SHA-256 of them, in hexadecimal. */
  readonly digest: string;
}

/** A version of a blob that stays as it is until it is given back, whatever is written meanwhile. */
export interface OpenBlob extends Lease, BlobVersion {
  /** Bytes of it, fewer where it ends; by default all from `offset` on. */
  read(offset?: number, length?: number): Promise<Uint8Array>;
}

/** Bytes that are replaced as a whole. */
export interface SharedBlob {
  /** All its bytes; undefined before it was first written. */
  read(): Promise<Uint8Array | undefined>;
  /** Opens the version there is; undefined before it was first written. */
  open(options?: { readonly leaseMs?: number }): Promise<OpenBlob | undefined>;
  /**
   * Replaces it; nobody sees a part of it.
   *
   * @throws {CordonError} `value_too_large`; `blob_busy` while too many older versions are being read.
   */
  write(bytes: Uint8Array): Promise<BlobVersion>;
}

/** The shared things that the manifest names under `[resources]`. */
export interface PluginResources {
  /**
   * Takes a lock once it is this plugin's turn.
   *
   * @throws {CordonError} `not_declared`, `wrong_kind`, `deadlock` (its message names the cycle),
   * `deadline_exceeded`, `too_many_leases`, `too_many_waiters`.
   *
   * @example Printing, one plugin at a time
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import type { PluginContext } from "@cordon/cordon/sdk";
   *
   * export async function print(ctx: PluginContext, page: string) {
   *   await using lock = await ctx.resources.lock("acme.printer", { leaseMs: 5_000 });
   *   return `${page}, printed with ${lock.token}`;
   * }
   *
   * const lock = { token: 7, async [Symbol.asyncDispose]() {} };
   * const ctx = { resources: { lock: () => Promise.resolve(lock) } };
   * assertEquals(await print(ctx as unknown as PluginContext, "Page 1"), "Page 1, printed with 7");
   * ```
   */
  lock(name: string, options?: LeaseOptions): Promise<Lease>;
  /** Takes permits of a semaphore once it is this plugin's turn; throws as {@linkcode PluginResources.lock}. */
  semaphore(name: string, options?: PermitOptions): Promise<Lease>;
  /** A counter; it begins with 0 and lives as long as the host. */
  counter(name: string): SharedCounter;
  /** A cache; it lives as long as the host. */
  cache<T = unknown>(name: string): SharedCache<T>;
  /** A blob; it lives as long as the host. */
  blob(name: string): SharedBlob;
}
