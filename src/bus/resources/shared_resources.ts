/**
 * The things that plugins share, by name. They live as long as the host does:
 * counters, caches and blobs outlast the plugins that use them, leases do not.
 *
 * @module
 */

import { CordonError } from "../../errors.ts";
import type { SharedResource } from "../../manifest/shared_resource.ts";
import { SharedBlob } from "./blob.ts";
import { MAX_FORGOTTEN, MAX_SHARED_BYTES } from "./bounds.ts";
import { SharedCache } from "./cache.ts";
import { SharedCounter } from "./counter.ts";
import { MemoryBudget } from "./memory_budget.ts";
import { ResourceOwner, type ResourceTable } from "./resource_owner.ts";
import {
  type ResourceFigures,
  type ResourceSummary,
  showBlob,
  showCache,
  showCounter,
  showSemaphore,
  showUnused,
} from "./resource_summary.ts";
import { Semaphore } from "./semaphore.ts";

/** Leases that a host can give out in a millisecond without reaching the tokens of the next host. */
const TOKENS_PER_MS = 1_000;

/** The shared things of a host. */
export class SharedResources implements ResourceTable {
  readonly #owners = new Set<ResourceOwner>();
  readonly #semaphores = new Map<string, Semaphore>();
  readonly #counters = new Map<string, SharedCounter>();
  readonly #caches = new Map<string, SharedCache>();
  readonly #blobs = new Map<string, SharedBlob>();
  /** Names that no running plugin declares, of what is kept all the same; oldest first. */
  readonly #forgotten = new Set<string>();
  readonly #budget: MemoryBudget;
  readonly #issueToken: () => number;
  #instances = 0;

  /** @param maxBytes Bytes of all caches and blobs. */
  constructor({ maxBytes = MAX_SHARED_BYTES }: { readonly maxBytes?: number } = {}) {
    this.#budget = new MemoryBudget(maxBytes);
    // What a plugin wrote down with the token of an earlier host has to be older.
    let token = Date.now() * TOKENS_PER_MS;
    this.#issueToken = () => ++token;
  }

  /** Lets an instance of a plugin use what its manifest declares. */
  enter(id: string, declared: Readonly<Record<string, SharedResource>>): ResourceOwner {
    const owner = new ResourceOwner(
      { id, instance: ++this.#instances, declared },
      this,
      (gone) => this.#leave(gone),
    );
    this.#owners.add(owner);
    for (const name of Object.keys(declared)) this.#forgotten.delete(name);
    return owner;
  }

  /**
   * A lock or semaphore.
   *
   * @throws {CordonError} `conflict` while others use it with a different number of permits.
   */
  semaphore(name: string, permits: number): Semaphore {
    const found = this.#semaphores.get(name);
    if (found?.permits === permits) return found;
    // Plugins that run were resolved together; one that came later may differ from those.
    if (found !== undefined && !found.isIdle) {
      throw new CordonError("conflict", `Cannot use "${name}": others use it with ${found.permits} permits`);
    }
    const made = new Semaphore(name, permits, this.#issueToken);
    this.#semaphores.set(name, made);
    return made;
  }

  /** A counter. */
  counter(name: string): SharedCounter {
    return this.#counters.getOrInsertComputed(name, () => new SharedCounter(name));
  }

  /** A cache; it takes on the size. */
  cache(name: string, maxBytes: number): SharedCache {
    const make = () => new SharedCache(name, maxBytes, { budget: this.#budget });
    const cache = this.#caches.getOrInsertComputed(name, make);
    if (cache.maxBytes !== maxBytes) cache.resize(maxBytes);
    return cache;
  }

  /** A blob; versions from now on have the size. */
  blob(name: string, maxBytes: number): SharedBlob {
    const parts = { budget: this.#budget, issueToken: this.#issueToken };
    const blob = this.#blobs.getOrInsertComputed(name, () => new SharedBlob(name, maxBytes, parts));
    blob.maxBytes = maxBytes;
    return blob;
  }

  /** Everything that is declared or kept, by name. */
  list(): ResourceSummary[] {
    const kinds: readonly [ResourceSummary["kind"], ReadonlyMap<string, unknown>][] = [
      ["counter", this.#counters],
      ["cache", this.#caches],
      ["blob", this.#blobs],
    ];
    const found = new Map<string, ResourceSummary>();
    for (const [kind, things] of kinds) {
      for (const name of things.keys()) {
        found.set(name, { name, kind, users: [], ...this.#show(name, kind)! });
      }
    }
    for (const { id, declared } of this.#owners) {
      for (const [name, resource] of Object.entries(declared)) {
        const { kind } = resource;
        const users = [...found.get(name)?.users ?? [], id].sort();
        found.set(name, { name, kind, users, ...this.#show(name, kind) ?? showUnused(resource) });
      }
    }
    return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  #show(name: string, kind: ResourceSummary["kind"]): ResourceFigures | undefined {
    switch (kind) {
      case "lock":
      case "semaphore":
        return showIfThere(this.#semaphores.get(name), showSemaphore);
      case "counter":
        return showIfThere(this.#counters.get(name), showCounter);
      case "cache":
        return showIfThere(this.#caches.get(name), showCache);
      case "blob":
        return showIfThere(this.#blobs.get(name), showBlob);
      default:
        return kind satisfies never;
    }
  }

  #leave(owner: ResourceOwner): void {
    if (!this.#owners.delete(owner)) return;
    for (const name of Object.keys(owner.declared)) {
      if ([...this.#owners].some(({ declared }) => Object.hasOwn(declared, name))) continue;
      this.#semaphores.delete(name);
      if (this.#counters.has(name) || this.#caches.has(name) || this.#blobs.has(name)) {
        this.#forgotten.add(name);
      }
    }
    for (const name of this.#forgotten) {
      if (this.#forgotten.size <= MAX_FORGOTTEN) return;
      this.#forgotten.delete(name);
      this.#counters.delete(name);
      this.#caches.get(name)?.[Symbol.dispose]();
      this.#caches.delete(name);
      this.#blobs.get(name)?.[Symbol.dispose]();
      this.#blobs.delete(name);
    }
  }
}

function showIfThere<Thing>(
  thing: Thing | undefined,
  show: (thing: Thing) => ResourceFigures,
): ResourceFigures | undefined {
  return thing && show(thing);
}
