/**
 * One running instance of a plugin, and what of the shared things it may touch.
 *
 * @module
 */

import { CordonError } from "../../errors.ts";
import type { ResourceAccess, ResourceKind, SharedResource } from "../../manifest/shared_resource.ts";
import type { SharedBlob } from "./blob.ts";
import type { SharedCache } from "./cache.ts";
import type { SharedCounter } from "./counter.ts";
import type { LeaseOwner } from "./lease.ts";
import type { Semaphore } from "./semaphore.ts";

/** Where shared things are found, or made. */
export interface ResourceTable {
  /** A lock or a semaphore. */
  semaphore(name: string, permits: number): Semaphore;
  /** A counter. */
  counter(name: string): SharedCounter;
  /** A cache. */
  cache(name: string, maxBytes: number): SharedCache;
  /** A blob. */
  blob(name: string, maxBytes: number): SharedBlob;
}

/** Who uses shared things. */
export class ResourceOwner implements LeaseOwner, Disposable {
  /** Plugin id. */
  readonly id: string;
  /** Which of the plugin's instances, counted by the host. */
  readonly instance: number;
  /** What its manifest declares, by name. */
  readonly declared: Readonly<Record<string, SharedResource>>;
  readonly #table: ResourceTable;
  readonly #onLeave: (owner: ResourceOwner) => void;

  /**
   * @param who Its id, its number and what it declares.
   * @param table Where the things are.
   * @param onLeave Told when it has gone.
   */
  constructor(
    who: Pick<ResourceOwner, "id" | "instance" | "declared">,
    table: ResourceTable,
    onLeave: (owner: ResourceOwner) => void,
  ) {
    this.id = who.id;
    this.instance = who.instance;
    this.declared = who.declared;
    this.#table = table;
    this.#onLeave = onLeave;
  }

  /**
   * A lock or semaphore that it declares.
   *
   * @throws {CordonError} `not_declared`, `wrong_kind`, `conflict`.
   */
  semaphore(name: string, kind: "lock" | "semaphore"): Semaphore {
    const found = this.#require(name, kind);
    return this.#table.semaphore(name, found.kind === "semaphore" ? found.permits : 1);
  }

  /**
   * A counter that it declares.
   *
   * @throws {CordonError} `not_declared`, `wrong_kind`, `read_only`.
   */
  counter(name: string, access: ResourceAccess): SharedCounter {
    this.#allow(name, this.#require(name, "counter"), access);
    return this.#table.counter(name);
  }

  /**
   * A cache that it declares.
   *
   * @throws {CordonError} `not_declared`, `wrong_kind`, `read_only`.
   */
  cache(name: string, access: ResourceAccess): SharedCache {
    const found = this.#require(name, "cache");
    this.#allow(name, found, access);
    return this.#table.cache(name, found.maxBytes);
  }

  /**
   * A blob that it declares.
   *
   * @throws {CordonError} `not_declared`, `wrong_kind`, `read_only`.
   */
  blob(name: string, access: ResourceAccess): SharedBlob {
    const found = this.#require(name, "blob");
    this.#allow(name, found, access);
    return this.#table.blob(name, found.maxBytes);
  }

  /** Goes: what only it declared is not kept for others. */
  [Symbol.dispose](): void {
    this.#onLeave(this);
  }

  #require<Kind extends ResourceKind>(
    name: string,
    kind: Kind,
  ): Extract<SharedResource, { readonly kind: Kind }> {
    const found = Object.hasOwn(this.declared, name) ? this.declared[name]! : undefined;
    if (found === undefined) {
      throw new CordonError(
        "not_declared",
        `Cannot use the resource "${name}": "${this.id}" does not name it under [resources] in its manifest`,
      );
    }
    if (found.kind !== kind) {
      throw new CordonError("wrong_kind", `Cannot use "${name}" as a ${kind}: it is a ${found.kind}`);
    }
    return found as Extract<SharedResource, { readonly kind: Kind }>;
  }

  #allow(name: string, { access }: { readonly access: ResourceAccess }, wanted: ResourceAccess): void {
    if (wanted === "read" || access === "write") return;
    throw new CordonError(
      "read_only",
      `Cannot change "${name}": the manifest of "${this.id}" says access = "read"`,
    );
  }
}
