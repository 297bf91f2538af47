/**
 * Everything that happened to plugins, in order. Kept in memory for now, with
 * a bound; the shape is that of the journal on disk.
 *
 * @module
 */

const MAX_EVENTS = 10_000;

/** One thing that happened. */
export interface JournalEvent {
  /** Position in the journal, from 1. */
  readonly seq: number;
  /** When, as an ISO 8601 date and time. */
  readonly time: string;
  /** What: `plugin.state`, `plugin.exit`, `host.start`, `host.stop`, `call.refused` … */
  readonly type: string;
  /** Which plugin, where it concerns one. */
  readonly id?: string;
  /** Facts. */
  readonly facts: Readonly<Record<string, unknown>>;
}

/** An append-only log of events that can be followed. */
export class Journal {
  readonly #events: JournalEvent[] = [];
  readonly #waiters = new Set<() => void>();
  #nextSeq = 1;
  #isClosed = false;

  /** Appends an event. */
  append(type: string, facts: Record<string, unknown>, id?: string): void {
    this.#events.push({
      seq: this.#nextSeq++,
      time: new Date().toISOString(),
      type,
      ...(id === undefined ? {} : { id }),
      facts,
    });
    if (this.#events.length > MAX_EVENTS) this.#events.shift();
    this.#wake();
  }

  /** What is kept, oldest first. */
  list(): readonly JournalEvent[] {
    return [...this.#events];
  }

  /**
   * Follows the journal until it closes or `signal` aborts.
   *
   * @param options `from`: position to begin at, by default what comes after this call.
   */
  follow(
    options: { readonly from?: number; readonly signal?: AbortSignal } = {},
  ): AsyncGenerator<JournalEvent> {
    return this.#follow(options.from ?? this.#nextSeq, options.signal);
  }

  /** Ends those who follow, once they have read what is there. */
  close(): void {
    this.#isClosed = true;
    this.#wake();
  }

  async *#follow(from: number, signal: AbortSignal | undefined): AsyncGenerator<JournalEvent> {
    let next = from;
    while (!signal?.aborted) {
      const oldest = this.#events[0]?.seq ?? this.#nextSeq;
      const event = this.#events[Math.max(next, oldest) - oldest];
      if (event !== undefined) {
        next = event.seq + 1;
        yield event;
      } else if (this.#isClosed) return;
      else await this.#changed(signal);
    }
  }

  #wake(): void {
    for (const wake of this.#waiters) wake();
    this.#waiters.clear();
  }

  async #changed(signal: AbortSignal | undefined): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiters.add(resolve);
    const onAbort = () => resolve();
    signal?.addEventListener("abort", onAbort, { once: true });
    try {
      await promise;
    } finally {
      this.#waiters.delete(resolve);
      signal?.removeEventListener("abort", onAbort);
    }
  }
}
