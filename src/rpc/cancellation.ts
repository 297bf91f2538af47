/**
 * Calling off what is under way, for less than a signal costs.
 *
 * @module
 */

/** Something that may be called off. */
export interface Cancellation {
  /** Has `onCancel` called once with the reason, at once if it is called off already; the returned function ends that. */
  whenCancelled(onCancel: (reason: unknown) => void): () => void;
}

/** Something that can be called off. */
export class CancellationSource implements Cancellation {
  #cancelled: { readonly reason: unknown } | undefined;
  #waiting: Set<(reason: unknown) => void> | undefined;

  /** Why it was called off; undefined as long as it was not. */
  get cancelled(): { readonly reason: unknown } | undefined {
    return this.#cancelled;
  }

  /** Has `onCancel` called once with the reason. */
  whenCancelled(onCancel: (reason: unknown) => void): () => void {
    if (this.#cancelled !== undefined) {
      onCancel(this.#cancelled.reason);
      return () => {};
    }
    const waiting = this.#waiting ??= new Set();
    waiting.add(onCancel);
    return () => void waiting.delete(onCancel);
  }

  /** Calls it off; only the first reason counts. */
  cancel(reason: unknown): void {
    if (this.#cancelled !== undefined) return;
    this.#cancelled = { reason };
    const waiting = this.#waiting;
    this.#waiting = undefined;
    for (const onCancel of waiting ?? []) onCancel(reason);
  }
}

/** What is called off when one of two is. */
export function eitherOf(first: Cancellation, second: Cancellation | undefined): Cancellation {
  if (second === undefined) return first;
  return {
    whenCancelled(onCancel) {
      const ends = [first.whenCancelled(onCancel), second.whenCancelled(onCancel)];
      return () => ends.forEach((end) => end());
    },
  };
}
