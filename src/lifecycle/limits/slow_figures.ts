/**
 * Figures of a plugin that take longer to read: what it has open, and what
 * its folders hold.
 *
 * @module
 */

import type { LimitName } from "../../sandbox/limits/limit.ts";
import { countDescriptors, readUnlinkedBytes, readWrittenBytes } from "../../sandbox/limits/process_usage.ts";
import { StorageUsage } from "../../sandbox/limits/storage_usage.ts";
import { CACHE_ALLOWANCE_BYTES } from "./plugin_limits.ts";

/** Where a plugin can write. */
export interface PluginFolders {
  /** Its private folder. */
  readonly data: string;
  /** Folders that Deno uses too: a fixed part of what they hold is not counted. */
  readonly cache: readonly string[];
  /** Whether what they hold is limited at all. */
  readonly countsFiles: boolean;
}

/** Reads the slow figures of one plugin. */
export class SlowFigures {
  readonly #countsFiles: boolean;
  readonly #data: StorageUsage;
  readonly #cache: StorageUsage;

  /** @param folders Where the plugin can write. */
  constructor({ data, cache, countsFiles }: PluginFolders) {
    this.#countsFiles = countsFiles;
    this.#data = new StorageUsage([data]);
    this.#cache = new StorageUsage(cache);
  }

  /** Reads them; what folders hold is what was found when they were walked last. */
  *look(pid: number, now: number): Generator<readonly [LimitName, number]> {
    const descriptors = countDescriptors(pid);
    if (descriptors !== undefined) yield ["descriptors", descriptors];
    if (!this.#countsFiles) return;
    const written = readWrittenBytes(pid);
    void this.#data.refresh(written, now);
    void this.#cache.refresh(written, now);
    const { bytes, largestBytes } = this.#data.figure;
    const cacheBytes = Math.max(0, this.#cache.figure.bytes - CACHE_ALLOWANCE_BYTES);
    yield ["storage", bytes + cacheBytes + readUnlinkedBytes(pid)];
    yield ["file_size", Math.max(largestBytes, this.#cache.figure.largestBytes)];
  }
}
