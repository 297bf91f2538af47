/**
 * Copies versions that run, beside everything else: one at a time, and again
 * where that failed.
 *
 * @module
 */

import { errorMessage } from "../../errors.ts";
import { TaskQueue } from "../../internal/task_queue.ts";
import { type CatalogueOptions, readCatalogue } from "../catalogue.ts";
import type { Registry } from "../registry.ts";
import { type KeptSource, MAX_COPY_BYTES, type VersionStore } from "./version_store.ts";

/** Long enough for a version that is saved again at once, short enough for nearly all others; then again. */
const COPY_AFTER_MS: readonly number[] = [500, 5_000, 60_000];

/** What a copier needs. */
export interface VersionCopierContext {
  readonly store: VersionStore;
  readonly registry: Pick<Registry, "note">;
  /** How plugin folders are read. */
  readonly reading: CatalogueOptions;
  /** Told of what does not fail anything but should be known. */
  readonly onNotice: (message: string) => void;
  /** How long a version runs before it is copied, and the waits before that is tried again. @default {COPY_AFTER_MS} */
  readonly copyAfterMs?: readonly number[];
}

/** A copy to be made. */
export interface CopyOrder {
  readonly source: KeptSource;
  /** Calls it off. */
  readonly signal: AbortSignal;
  /** Whether it must not wait: there may be no other way back. @default {false} */
  readonly isUrgent?: boolean;
  /** Called when it is there. */
  readonly onKept: () => void;
}

interface Failure {
  readonly message: string;
  /** Whether somebody should know at once: files that were saved are on their way to take over, as a rule. */
  readonly isNews: boolean;
}

/** Copies versions. */
export class VersionCopier {
  readonly #context: VersionCopierContext;
  readonly #copyAfterMs: readonly number[];
  readonly #queue = new TaskQueue();

  /** @param context What it needs. */
  constructor(context: VersionCopierContext) {
    this.#context = context;
    this.#copyAfterMs = context.copyAfterMs ?? COPY_AFTER_MS;
  }

  /** Has a copy made in a while. */
  order(order: CopyOrder): void {
    this.#await(order, 0, { isTold: false });
  }

  /** Runs something when the copies before it are made, or called off. */
  afterwards(run: () => void): Promise<void> {
    return this.#queue.run(() => Promise.resolve(run()));
  }

  #await(order: CopyOrder, attempt: number, told: { isTold: boolean }): void {
    const { signal } = order;
    const begin = () => {
      signal.removeEventListener("abort", cancel);
      void this.#copy(order, attempt, told);
    };
    const isNow = order.isUrgent && attempt === 0;
    const timer = setTimeout(begin, isNow ? 0 : this.#copyAfterMs[attempt]);
    const cancel = () => clearTimeout(timer);
    signal.addEventListener("abort", cancel, { once: true });
  }

  async #copy(order: CopyOrder, attempt: number, told: { isTold: boolean }): Promise<void> {
    const { source, signal, onKept } = order;
    const failure = await this.#queue.run(() => this.#tryKeep(source, signal));
    if (signal.aborted) return;
    if (failure === undefined) return onKept();
    const isLast = attempt + 1 >= this.#copyAfterMs.length;
    if (!told.isTold && (isLast || failure.isNews)) {
      told.isTold = true;
      this.#tell(source, failure);
    }
    if (!isLast) this.#await(order, attempt + 1, told);
  }

  #tell({ id, version, hash }: KeptSource, failure: Failure): void {
    const message = `${version} of "${id}" is not kept, so there is no going back to it: ${failure.message}`;
    this.#context.onNotice(message);
    this.#context.registry.note("version.not_kept", { version, hash, message }, id);
  }

  async #tryKeep(source: KeptSource, signal: AbortSignal): Promise<Failure | undefined> {
    const { store, reading } = this.#context;
    try {
      signal.throwIfAborted();
      const keeping = await store.keep(source, signal);
      switch (keeping) {
        case "copied":
          // Read while it is known by its contents: going back shall not wait for that.
          await readCatalogue([store.dirOf(source.id, source.hash)], reading);
          return undefined;
        case "kept":
          return undefined;
        case "changed":
          return { message: "its files are not those that it started with", isNews: false };
        case "too_large":
          return { message: `its files weigh more than ${MAX_COPY_BYTES / 1024 / 1024} MiB`, isNews: true };
        default:
          return keeping satisfies never;
      }
    } catch (error) {
      return { message: errorMessage(error), isNews: true };
    }
  }
}
