/**
 * Bytes that are replaced as a whole: who reads keeps the version that was
 * there when it began, and sees no other.
 *
 * @module
 */

import { CordonError } from "../../errors.ts";
import { hashBytes } from "../../internal/hash.ts";
import { Lease, type LeaseClaim } from "./lease.ts";
import type { MemoryBudget } from "./memory_budget.ts";

/** Bytes of a blob's versions and of what is being written, in times of its size. */
const ROOM = 3;

/** A version of a blob. */
export interface BlobVersion {
  /** Counted from 1. */
  readonly version: number;
  /** Bytes of it. */
  readonly size: number;
  /** SHA-256 of them, in hexadecimal. */
  readonly digest: string;
}

interface KeptVersion {
  readonly facts: BlobVersion;
  readonly bytes: Uint8Array;
  readers: number;
}

/** A blob. */
export class SharedBlob implements Disposable {
  /** Its name. */
  readonly name: string;
  /** Largest version of it from now on. */
  maxBytes: number;
  /** Readers and writers. */
  readonly leases: Set<Lease> = new Set();
  readonly #budget: MemoryBudget;
  readonly #issueToken: () => number;
  #current: KeptVersion | undefined;
  #versions = 0;
  #bytes = 0;

  /**
   * @param name Its name.
   * @param maxBytes Largest version of it.
   * @param parts What its bytes are taken from, and the token of the next lease.
   */
  constructor(
    name: string,
    maxBytes: number,
    { budget, issueToken }: { readonly budget: MemoryBudget; readonly issueToken: () => number },
  ) {
    this.name = name;
    this.maxBytes = maxBytes;
    this.#budget = budget;
    this.#issueToken = issueToken;
  }

  /** The version there is; undefined before the first. */
  get current(): BlobVersion | undefined {
    return this.#current?.facts;
  }

  /** Bytes of all versions that somebody reads, and of what is being written. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Opens the version there is. */
  open(claim: LeaseClaim): BlobReader | undefined {
    const version = this.#current;
    if (version === undefined) return undefined;
    version.readers++;
    const lease = this.#lease(claim, () => {
      version.readers--;
      this.#dropIfUnused(version);
    });
    return new BlobReader(lease, version);
  }

  /**
   * Begins to write a version of so many bytes.
   *
   * @throws {CordonError} `value_too_large`, `resources_full`, `blob_busy`.
   */
  begin(claim: LeaseClaim, size: number): BlobWriter {
    if (size > this.maxBytes) {
      throw new CordonError(
        "value_too_large",
        `Cannot write ${size} bytes to the blob "${this.name}": it holds ${this.maxBytes}`,
      );
    }
    if (this.#bytes + size > ROOM * this.maxBytes) {
      throw new CordonError(
        "blob_busy",
        `Cannot write ${size} bytes to the blob "${this.name}": older versions are being read`,
        { hint: "See who reads: cordon resources" },
      );
    }
    if (!this.#budget.take(size)) {
      throw new CordonError(
        "resources_full",
        `Cannot write ${size} bytes to the blob "${this.name}": the host keeps as much as it may`,
      );
    }
    this.#bytes += size;
    let isKept = false;
    const lease = this.#lease(claim, () => isKept || this.#giveBack(size));
    return new BlobWriter(lease, size, (bytes, digest) => {
      isKept = true;
      const replaced = this.#current;
      const facts = { version: ++this.#versions, size, digest };
      this.#current = { facts, bytes, readers: 0 };
      if (replaced !== undefined) this.#dropIfUnused(replaced);
      return facts;
    });
  }

  /** Forgets the version there is. */
  [Symbol.dispose](): void {
    const current = this.#current;
    this.#current = undefined;
    if (current !== undefined) this.#dropIfUnused(current);
  }

  #lease(claim: LeaseClaim, onEnd: () => void): Lease {
    const lease = new Lease(claim, {
      resource: this.name,
      permits: 1,
      token: this.#issueToken(),
      onEnd: () => {
        this.leases.delete(lease);
        onEnd();
      },
    });
    this.leases.add(lease);
    return lease;
  }

  #dropIfUnused(version: KeptVersion): void {
    if (version !== this.#current && version.readers === 0) this.#giveBack(version.facts.size);
  }

  #giveBack(size: number): void {
    this.#bytes -= size;
    this.#budget.give(size);
  }
}

/** A version of a blob that is being read. */
export class BlobReader {
  /** For how long. */
  readonly lease: Lease;
  readonly #version: KeptVersion;

  /**
   * @param lease For how long.
   * @param version What is read.
   */
  constructor(lease: Lease, version: KeptVersion) {
    this.lease = lease;
    this.#version = version;
  }

  /** What is read. */
  get facts(): BlobVersion {
    return this.#version.facts;
  }

  /** Bytes of it, fewer where it ends; they must not be changed. */
  read(offset: number, length: number): Uint8Array {
    return this.#version.bytes.subarray(offset, offset + length);
  }
}

/** A version of a blob that is being written. */
export class BlobWriter {
  /** For how long. */
  readonly lease: Lease;
  readonly #bytes: Uint8Array<ArrayBuffer>;
  readonly #keep: (bytes: Uint8Array, digest: string) => BlobVersion;
  #written = 0;

  /**
   * @param lease For how long.
   * @param size Bytes that it will have.
   * @param keep Puts it in the place of the version before.
   */
  constructor(lease: Lease, size: number, keep: (bytes: Uint8Array, digest: string) => BlobVersion) {
    this.lease = lease;
    this.#bytes = new Uint8Array(size);
    this.#keep = keep;
  }

  /**
   * Adds bytes; with the last of them the version replaces the one before.
   *
   * @returns The version once it is whole.
   * @throws {CordonError} `invalid_input` for more than was said, `lease_expired` where its time is over.
   */
  async write(bytes: Uint8Array): Promise<BlobVersion | undefined> {
    if (this.#written + bytes.byteLength > this.#bytes.byteLength) {
      this.lease.release();
      throw new CordonError("invalid_input", "Cannot write a blob: it has more bytes than its writer said");
    }
    this.#bytes.set(bytes, this.#written);
    this.#written += bytes.byteLength;
    if (this.#written < this.#bytes.byteLength) return undefined;
    const digest = await hashBytes(this.#bytes);
    if (!this.lease.isHeld) {
      throw new CordonError(
        "lease_expired",
        `Cannot write the blob "${this.lease.resource}": it took too long`,
      );
    }
    const version = this.#keep(this.#bytes, digest);
    this.lease.release();
    return version;
  }
}
