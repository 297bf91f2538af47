/**
 * One subscription's way through the kept events: strictly by position, an
 * event at a time or several, each again until it is taken. One that fails too
 * often is set aside, so that it holds up nobody.
 *
 * @module
 */

import { errorMessage } from "../errors.ts";
import { countBatch } from "./event_queue.ts";
import type { Delivery, PublishedEvent } from "./published_event.ts";

/** Pauses before an event that failed is handed over again; after the last one it is set aside. */
export const RETRY_PAUSES_MS: readonly number[] = [200, 800, 3_200, 12_800];

/** How far a subscription has come. */
export interface CursorState {
  /** Of the last event that was taken, or set aside. */
  position: number;
  /** How often the next one has failed. */
  attempts: number;
  /** Up to there events are handed over one by one, since one of them may have ended the subscriber. */
  careful: number;
  /** Events that were dropped before they could be taken, and not told yet. */
  missed: number;
  /** Of the last event that was handed over. */
  offered: number;
}

/** What came of a batch. */
export interface KeptReply {
  /** How many were taken, from the first on. */
  readonly taken: number;
  /** Why the next one was not. */
  readonly error?: string;
  /** Whether the subscriber has gone without the events being to blame. */
  readonly isGone?: boolean;
}

/** What a cursor needs. */
export interface CursorOptions {
  /** How far it has come; changed as it goes on. */
  readonly state: CursorState;
  /** The next events behind a position. */
  readonly read: (after: number) => PublishedEvent[];
  /** Takes a batch, up to the first event that fails. */
  readonly take: (batch: readonly Delivery[]) => Promise<KeptReply>;
  /** Told when the state has changed. */
  readonly onChange: () => void;
  /** Told of an event that is set aside. */
  readonly onSetAside: (event: PublishedEvent, facts: { attempts: number; message: string }) => void;
  /** Told when events cannot be read. */
  readonly onTrouble: (error: unknown) => void;
  /** Pauses before an event is handed over again. @default {RETRY_PAUSES_MS} */
  readonly pausesMs?: readonly number[];
}

/** Hands kept events over. */
export class EventCursor implements Disposable {
  readonly #options: CursorOptions;
  readonly #pausesMs: readonly number[];
  #isBusy = false;
  #isClosed = false;
  #endPause: (() => void) | undefined;
  /** Settles when it rests, while it is to. */
  #rest: PromiseWithResolvers<void> | undefined;

  /** @param options What it needs. */
  constructor(options: CursorOptions) {
    this.#options = options;
    this.#pausesMs = options.pausesMs ?? RETRY_PAUSES_MS;
  }

  /** Goes on, if there is anything new. */
  wake(): void {
    if (!this.#isBusy && !this.#isClosed && this.#rest === undefined) void this.#run();
  }

  /** Hands nothing over until it goes on; settles when what was handed over is taken, or has failed. */
  async rest(): Promise<void> {
    this.#rest ??= Promise.withResolvers<void>();
    this.#endPause?.();
    if (this.#isBusy) await this.#rest.promise;
  }

  /** Goes on. */
  resume(): void {
    this.#rest = undefined;
    this.wake();
  }

  /** Ends it; what is handed over and not taken comes again to the next one that begins there. */
  [Symbol.dispose](): void {
    this.#isClosed = true;
    this.#endPause?.();
  }

  async #run(): Promise<void> {
    const { state, read } = this.#options;
    this.#isBusy = true;
    try {
      while (!this.#isClosed && this.#rest === undefined) {
        const events = read(state.position);
        // In the same breath as it is busy no more: else what comes now would wake nobody.
        if (events.length === 0 || !await this.#handOver(events)) break;
      }
    } catch (error) {
      this.#options.onTrouble(error);
    } finally {
      this.#isBusy = false;
      this.#rest?.resolve();
    }
  }

  /** Hands over the next events; false when there is nobody any more to take them. */
  async #handOver(found: readonly PublishedEvent[]): Promise<boolean> {
    const { state } = this.#options;
    const events = found.map((event) => ({ event }));
    const isCareful = state.attempts > 0 || state.position < state.careful;
    const batch = events.slice(0, isCareful ? 1 : countBatch(events)).map(({ event }, index) => ({
      event,
      missed: index === 0 ? state.missed : 0,
      attempt: index === 0 ? state.attempts + 1 : 1,
    }));
    const last = batch.at(-1)!.event.kept!.position;
    const told = state.missed;
    state.offered = last;
    const { taken, error, isGone = false } = await this.#take(batch);
    if (taken > 0) {
      // Whoever took over while it was busy may have come further.
      state.position = Math.max(state.position, batch[taken - 1]!.event.kept!.position);
      state.attempts = 0;
      state.missed -= told;
    }
    const failed = batch[taken];
    if (failed !== undefined && !isGone) await this.#fail(failed.event, { last, message: error ?? "" });
    else if (taken > 0) this.#options.onChange();
    return !isGone;
  }

  /** Hands a batch over; a subscriber that goes with it has failed at its first event, for all we know. */
  async #take(batch: readonly Delivery[]): Promise<KeptReply> {
    try {
      return await this.#options.take(batch);
    } catch (error) {
      return { taken: 0, error: errorMessage(error) };
    }
  }

  async #fail(event: PublishedEvent, { last, message }: { last: number; message: string }): Promise<void> {
    const { state, onSetAside, onChange } = this.#options;
    const attempts = ++state.attempts;
    state.careful = Math.max(state.careful, last);
    const pauseMs = this.#pausesMs[attempts - 1];
    if (pauseMs === undefined) {
      state.position = Math.max(state.position, event.kept!.position);
      state.attempts = 0;
      onSetAside(event, { attempts, message });
    }
    onChange();
    if (pauseMs !== undefined && !this.#isClosed && this.#rest === undefined) await this.#pause(pauseMs);
  }

  async #pause(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ms);
    this.#endPause = resolve;
    await promise;
    clearTimeout(timer);
    this.#endPause = undefined;
  }
}
