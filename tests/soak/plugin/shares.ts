/**
 * Things shared by all: a lock that one has at a time, and a counter.
 *
 * @module
 */

import type { PluginContext } from "@cordon/cordon/sdk";
import { type Notes, wrong } from "./notes.ts";

/** Uses shared things. */
export class Shares {
  readonly #ctx: PluginContext;
  readonly #notes: Notes;

  constructor(ctx: PluginContext, notes: Notes) {
    this.#ctx = ctx;
    this.#notes = notes;
  }

  /** Has the lock for a moment; whoever had it before must not change anything any more. */
  async holdLock(): Promise<void> {
    const { resources } = this.#ctx;
    await using lock = await resources.lock("soak.lock", { leaseMs: 10_000 });
    const tokens = resources.counter("soak.token");
    const before = await tokens.get();
    const { swapped, value } = await tokens.compareAndSet(before, lock.token);
    if (!swapped || before >= lock.token) throw wrong("turn", { before, value, token: lock.token });
    this.#notes.write("done", "lock");
  }

  /** Counts. */
  async count(): Promise<void> {
    await this.#ctx.resources.counter("soak.count").add();
    this.#notes.write("done", "count");
  }
}
