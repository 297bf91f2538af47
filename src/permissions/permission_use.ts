/**
 * What a plugin used of its permissions, check by check.
 *
 * @module
 */

import type { Verdict } from "./supervision.ts";

/** Different uses kept: what writes files of ever new names would fill the memory. */
const MAX_USES = 10_000;

/** One thing that a plugin used or tried to use. */
export interface PermissionUse {
  /** Kind of permission, by Deno's name. */
  readonly kind: string;
  /** What was checked, canonical where that is known; undefined for everything of its kind. */
  readonly value: string | undefined;
  /** How often it was allowed. */
  readonly allowed: number;
  /** How often it was denied. */
  readonly denied: number;
  /** Why, where it was denied. */
  readonly because: string | undefined;
}

/** Keeps what was used. */
export class UseLog {
  readonly #uses = new Map<string, PermissionUse>();
  #checks = 0;

  /** How many checks there were. */
  get checks(): number {
    return this.#checks;
  }

  /** Whether there were more different uses than are kept. */
  get isFull(): boolean {
    return this.#uses.size >= MAX_USES;
  }

  /** Takes the verdict on a check. */
  add({ kind, value, allowed, because }: Verdict): void {
    this.#checks++;
    const key = JSON.stringify([kind, value]);
    const known = this.#uses.get(key);
    if (known === undefined && this.isFull) return;
    this.#uses.set(key, {
      kind,
      value,
      allowed: (known?.allowed ?? 0) + (allowed ? 1 : 0),
      denied: (known?.denied ?? 0) + (allowed ? 0 : 1),
      because: because ?? known?.because,
    });
  }

  /** What was used, in the order of its first use. */
  list(): PermissionUse[] {
    return [...this.#uses.values()];
  }
}
