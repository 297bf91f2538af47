/**
 * Values that can be made again, bounded by their size: those that were not
 * used for longest go first.
 *
 * @module
 */

import { CordonError } from "../../errors.ts";
import { MAX_CACHE_ENTRIES } from "./bounds.ts";
import { keepValue } from "./kept_value.ts";
import type { MemoryBudget } from "./memory_budget.ts";

interface Entry {
  readonly value: unknown;
  readonly bytes: number;
  readonly expiresAt: number;
}

/** A cache. */
export class SharedCache implements Disposable {
  /** Its name. */
  readonly name: string;
  readonly #budget: MemoryBudget;
  readonly #now: () => number;
  /** The one used last is last. */
  readonly #entries = new Map<string, Entry>();
  /** One for good: a new one would pass over all that was ever deleted. What it has passed is gone. */
  readonly #oldest = this.#entries.entries();
  #maxBytes: number;
  #bytes = 0;

  /**
   * @param name Its name.
   * @param maxBytes Its size.
   * @param parts What its bytes are taken from, and the clock.
   */
  constructor(
    name: string,
    maxBytes: number,
    { budget, now = () => performance.now() }: { readonly budget: MemoryBudget; readonly now?: () => number },
  ) {
    this.name = name;
    this.#maxBytes = maxBytes;
    this.#budget = budget;
    this.#now = now;
  }

  /** Bytes that it holds. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Bytes that it holds at most. */
  get maxBytes(): number {
    return this.#maxBytes;
  }

  /** Values that it holds; some may be too old to be had. */
  get size(): number {
    return this.#entries.size;
  }

  /** A value, in an object; undefined where there is none. */
  get(key: string): { readonly value: unknown } | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    this.#entries.delete(key);
    if (entry.expiresAt <= this.#now()) return void this.#forget(entry);
    this.#entries.set(key, entry);
    return { value: entry.value };
  }

  /**
   * Puts a value in, in place of those used least recently.
   *
   * @throws {CordonError} `value_too_large`, `resources_full`.
   */
  set(key: string, value: unknown, ttlMs = Infinity): void {
    const kept = keepValue(value);
    const bytes = kept.bytes + 2 * key.length;
    if (bytes > this.#maxBytes) {
      throw new CordonError(
        "value_too_large",
        `Cannot keep ${bytes} bytes in the cache "${this.name}": it holds ${this.#maxBytes}`,
      );
    }
    if (bytes > this.#budget.left + this.#bytes) {
      throw new CordonError(
        "resources_full",
        `Cannot keep ${bytes} bytes in the cache "${this.name}": the host keeps as much as it may`,
      );
    }
    this.delete(key);
    this.#shrink(this.#maxBytes - bytes, MAX_CACHE_ENTRIES - 1);
    while (!this.#budget.take(bytes)) this.#dropOldest();
    this.#bytes += bytes;
    this.#entries.set(key, { value: kept.value, bytes, expiresAt: this.#now() + ttlMs });
  }

  /** Forgets a value; whether it was there. */
  delete(key: string): boolean {
    const entry = this.#entries.get(key);
    if (entry === undefined) return false;
    this.#entries.delete(key);
    this.#forget(entry);
    return entry.expiresAt > this.#now();
  }

  /** Has it hold so many bytes at most from now on. */
  resize(maxBytes: number): void {
    this.#maxBytes = maxBytes;
    this.#shrink(maxBytes, MAX_CACHE_ENTRIES);
  }

  /** Forgets everything. */
  [Symbol.dispose](): void {
    this.#shrink(0, 0);
  }

  #shrink(bytes: number, entries: number): void {
    while (this.#bytes > bytes || this.#entries.size > entries) this.#dropOldest();
  }

  /** Drops an entry; there is one. */
  #dropOldest(): void {
    const [key, entry] = this.#oldest.next().value!;
    this.#entries.delete(key);
    this.#forget(entry);
  }

  #forget({ bytes }: Entry): void {
    this.#bytes -= bytes;
    this.#budget.give(bytes);
  }
}
