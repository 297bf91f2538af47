/**
 * `ctx.resources`: what a plugin shares with others.
 *
 * @module
 */

import { CordonError } from "../../errors.ts";
import { BLOB_CHUNK_BYTES, type LeaseReply, type LostLease } from "../../rpc/protocol.ts";
import type {
  BlobVersion,
  Lease,
  LeaseOptions,
  OpenBlob,
  PermitOptions,
  PluginResources,
  SharedBlob,
  SharedCache,
  SharedCounter,
} from "../../sdk/resources.ts";
import type { Host, ScopePart } from "./scope_part.ts";

/** A plugin's shared things. */
export class ResourceScope implements ScopePart {
  readonly #host: Host;
  /** Leases and waits by number, to be told when they end. */
  readonly #open = new Map<number, AbortController>();
  readonly #waits = new Map<number, (reason: unknown) => void>();
  #nextId = 0;
  #isListening = false;

  /** @param host The host. */
  constructor(host: Host) {
    this.#host = host;
  }

  /** Makes the part of the context. */
  open(): PluginResources {
    return Object.freeze({
      lock: (name: string, options?: LeaseOptions) => this.#acquire("lock", name, options),
      semaphore: (name: string, options?: PermitOptions) => this.#acquire("semaphore", name, options),
      counter: (name: string) => this.#counter(name),
      cache: <T>(name: string) => this.#cache<T>(name),
      blob: (name: string) => this.#blob(name),
    });
  }

  /** Gives up what is waited for; what the plugin has it may need to stop. */
  close(reason: string): void {
    for (const giveUp of this.#waits.values()) giveUp(new DOMException(reason, "AbortError"));
  }

  async #acquire(
    kind: string,
    name: string,
    { permits, timeoutMs, leaseMs, signal, holding }: PermitOptions = {},
  ): Promise<Lease> {
    signal?.throwIfAborted();
    const begun = this.#begin();
    const { id } = begun;
    const { promise: givenUp, reject } = Promise.withResolvers<never>();
    let hasGivenUp = false;
    const giveUp = (reason: unknown) => {
      hasGivenUp = true;
      reject(reason);
      // In the order of the channel: it ends the wait, or the lease that is on its way.
      this.#host.call("release", [id]).catch(() => {});
    };
    const onAbort = () => giveUp(signal!.reason);
    signal?.addEventListener("abort", onAbort, { once: true });
    this.#waits.set(id, giveUp);
    try {
      const ids = holding?.map((lease) => (lease as HeldLease).id);
      const params = [id, kind, name, permits, timeoutMs, leaseMs, ids].map((param) => param ?? null);
      const { token } = await Promise.race([this.#host.call("acquire", params), givenUp]) as LeaseReply;
      // In the moment between its coming and now.
      if (hasGivenUp) return await givenUp;
      return this.#hold({ ...begun, name, token });
    } catch (error) {
      this.#open.delete(id);
      throw error;
    } finally {
      this.#waits.delete(id);
      signal?.removeEventListener("abort", onAbort);
    }
  }

  #counter(name: string): SharedCounter {
    const count = (...params: unknown[]) => this.#host.call("count", [name, ...params]);
    return Object.freeze({
      add: (by = 1) => count("add", by) as Promise<number>,
      get: () => count("get") as Promise<number>,
      compareAndSet: (expected: number, value: number) =>
        count("compareAndSet", expected, value) as Promise<{ swapped: boolean; value: number }>,
    });
  }

  #cache<T>(name: string): SharedCache<T> {
    const ask = (...params: unknown[]) => this.#host.call("cache", [name, ...params]);
    return Object.freeze({
      get: async (key: string) => (await ask("get", key) as { value: T } | null)?.value,
      set: async (key: string, value: T, { ttlMs }: { ttlMs?: number } = {}) =>
        void await ask("set", key, value ?? null, ttlMs ?? null),
      delete: (key: string) => ask("delete", key) as Promise<boolean>,
    });
  }

  #blob(name: string): SharedBlob {
    return Object.freeze({
      open: (options?: { leaseMs?: number }) => this.#openBlob(name, options),
      read: async () => {
        await using blob = await this.#openBlob(name);
        return await blob?.read();
      },
      write: (bytes: Uint8Array) => this.#writeBlob(name, bytes),
    });
  }

  async #openBlob(name: string, { leaseMs }: { leaseMs?: number } = {}): Promise<OpenBlob | undefined> {
    const begun = this.#begin();
    const { id } = begun;
    try {
      const facts = await this.#host.call("blobOpen", [id, name, leaseMs ?? null]) as
        | BlobVersion & LeaseReply
        | null;
      if (facts === null) {
        this.#open.delete(id);
        return undefined;
      }
      const { version, size, digest, token } = facts;
      const read = (offset = 0, length = size) => this.#readBlob(id, offset, Math.min(length, size - offset));
      return Object.assign(this.#hold({ ...begun, name, token }), { version, size, digest, read });
    } catch (error) {
      this.#open.delete(id);
      throw error;
    }
  }

  async #readBlob(id: number, offset: number, length: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(Math.max(0, length));
    for (let at = 0; at < bytes.length;) {
      const part = await this.#host.call("blobRead", [id, offset + at, bytes.length - at]) as Uint8Array;
      bytes.set(part, at);
      at += part.length;
    }
    return bytes;
  }

  async #writeBlob(name: string, bytes: Uint8Array): Promise<BlobVersion> {
    const id = this.#nextId++;
    const chunk = (at: number) => bytes.subarray(at, at + BLOB_CHUNK_BYTES);
    let written = await this.#host.call("blobWrite", [id, name, bytes.length, chunk(0), null]);
    for (let at = BLOB_CHUNK_BYTES; at < bytes.length; at += BLOB_CHUNK_BYTES) {
      written = await this.#host.call("blobAppend", [id, chunk(at)]);
    }
    return written as BlobVersion;
  }

  #begin(): Pick<HeldLease, "id" | "signal"> {
    const id = this.#nextId++;
    const controller = new AbortController();
    // Before it is asked for: news of its end may come with the answer, and be heard before it.
    this.#open.set(id, controller);
    if (!this.#isListening) void this.#listen();
    return { id, signal: controller.signal };
  }

  #hold(facts: Pick<HeldLease, "id" | "name" | "token" | "signal">): HeldLease {
    return new HeldLease(facts, this.#host, () => this.#open.delete(facts.id));
  }

  /** Asks for leases that end by themselves, until the channel does. */
  async #listen(): Promise<void> {
    this.#isListening = true;
    try {
      for (;;) {
        for (const [id, message] of await this.#host.call("lostLeases", []) as LostLease[]) {
          this.#open.get(id)?.abort(new CordonError("lease_expired", message));
          this.#open.delete(id);
        }
      }
    } catch {
      // The host is gone, and this process with it.
    }
  }
}

class HeldLease implements Lease {
  readonly id: number;
  readonly name: string;
  readonly token: number;
  readonly signal: AbortSignal;
  readonly #host: Host;
  readonly #onRelease: () => void;
  #isReleased = false;

  constructor(
    { id, name, token, signal }: Pick<HeldLease, "id" | "name" | "token" | "signal">,
    host: Host,
    onRelease: () => void,
  ) {
    this.id = id;
    this.name = name;
    this.token = token;
    this.signal = signal;
    this.#host = host;
    this.#onRelease = onRelease;
  }

  async renew(leaseMs?: number): Promise<void> {
    await this.#host.call("renew", [this.id, leaseMs ?? null]);
  }

  async release(): Promise<void> {
    if (this.#isReleased) return;
    this.#isReleased = true;
    this.#onRelease();
    await this.#host.call("release", [this.id]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Its signal has told of an end before this one, or the host is gone: the block ends all the same.
    await this.release().catch(() => {});
  }
}
