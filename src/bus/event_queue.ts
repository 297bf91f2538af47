/**
 * The events that wait for one subscriber: bounded by number and by weight,
 * with a rule for what happens when there is no room. What the subscriber has
 * been handed and not taken counts as well.
 *
 * @module
 */

import { MAX_ATTACHMENTS } from "../rpc/carried_value.ts";
import type { Overflow } from "../sdk/events.ts";
import type { Delivery, PublishedEvent } from "./published_event.ts";
import type { EventValue } from "./event_value.ts";

/** Events handed over at once. */
export const MAX_BATCH = 64;
/** Batches handed over whose taking is not confirmed. */
const MAX_BATCHES = 4;
/** Weight of what is handed over at once. */
const MAX_BATCH_BYTES = 1024 * 1024;
/** Publishes that wait for one subscriber. */
const MAX_WAITING = 1024;

/** Weight that all queues of one subscriber share. */
export class QueueBudget {
  /** Most that it may be. */
  readonly max: number;
  /** What it is. */
  used = 0;

  /** @param max Most that it may be, in bytes. */
  constructor(max: number) {
    this.max = max;
  }
}

/** How a queue is bounded, and who takes what is in it. */
export interface QueueOptions {
  /** What happens when there is no room. */
  readonly overflow: Overflow;
  /** Most events that wait. */
  readonly length: number;
  /** What they may weigh. */
  readonly budget: QueueBudget;
  /** Takes a batch; settles when it is taken, however that went. */
  readonly take: (batch: readonly Delivery[]) => Promise<unknown>;
  /** Told of each event that there was no room for. */
  readonly onDrop: (event: PublishedEvent) => void;
}

interface Entry extends Delivery {
  missed: number;
}

interface Waiting {
  readonly entry: Entry;
  readonly resolve: () => void;
  readonly timer: ReturnType<typeof setTimeout>;
}

/** The queue of one subscriber. */
export class EventQueue {
  readonly #options: QueueOptions;
  /** Most events handed over whose taking is not confirmed. */
  readonly #window: number;
  #entries: Entry[] = [];
  /** Publishes that wait for room, with the rule `block`. */
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  /** Whether a publish waited in vain: none waits again before something is taken. */
  #isStalled = false;
  #inFlight = 0;
  #batches = 0;
  /** Missed since the last event that waits. */
  #missed = 0;
  #isClosed = false;
  #isPaused = false;
  /** Settles when nothing is handed over that is not taken, while it is paused. */
  #rest: PromiseWithResolvers<void> | undefined;
  /** What its own events weigh, of what all queues of the subscriber weigh. */
  #bytes = 0;
  /** Events there was no room for. */
  dropped = 0;

  /** @param options How it is bounded, and who takes what is in it. */
  constructor(options: QueueOptions) {
    this.#options = options;
    this.#window = Math.min(MAX_BATCHES * MAX_BATCH, options.length);
  }

  /** Whether it takes nothing any more. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /**
   * Adds an event.
   *
   * @param waitMs How long its publisher waits for room, where the rule is `block`.
   * @returns Settles when it need wait no longer; undefined when that is now.
   */
  push(
    event: PublishedEvent,
    { waitMs = 0, isRetained = false, missed = 0 } = {},
  ): Promise<void> | undefined {
    if (this.#isClosed) return undefined;
    const entry = { event, missed, ...(isRetained ? { isRetained } : {}) };
    if (this.#waiting.length === 0 && this.#hasRoom(event.value)) {
      this.#append(entry);
      this.#advance();
      return undefined;
    }
    switch (this.#options.overflow) {
      case "drop-oldest":
        this.#replaceOldest(entry);
        return undefined;
      case "drop-newest":
      case "disconnect":
        this.#miss(event);
        return undefined;
      case "block":
        return this.#await(entry, waitMs);
    }
  }

  /** Hands nothing over until it goes on; settles when what was handed over is taken. */
  async pause(): Promise<void> {
    this.#isPaused = true;
    if (this.#batches === 0) return;
    this.#rest ??= Promise.withResolvers<void>();
    await this.#rest.promise;
  }

  /** Goes on. */
  resume(): void {
    this.#isPaused = false;
    this.#advance();
  }

  /** Ends it; returns what waited in it, and for it, in order. */
  leave(): readonly Delivery[] {
    const left = [...this.#entries, ...this.#waiting.map(({ entry }) => entry)];
    this.close();
    return left;
  }

  /** Ends it; nobody waits for it any more. */
  close(): void {
    this.#isClosed = true;
    for (const { event } of this.#entries) this.#weigh(-event.value.bytes);
    this.#entries = [];
    this.#release();
  }

  #hasRoom({ bytes }: EventValue): boolean {
    const { length, budget } = this.#options;
    const free = budget.max - budget.used;
    // It leaves the others as much as it takes: a publisher that floods one queue does not empty the next.
    return this.#entries.length < length && bytes <= free && this.#bytes <= free - bytes;
  }

  #weigh(bytes: number): void {
    this.#bytes += bytes;
    this.#options.budget.used += bytes;
  }

  #append(entry: Entry): void {
    entry.missed += this.#missed;
    this.#missed = 0;
    this.#weigh(entry.event.value.bytes);
    this.#entries.push(entry);
  }

  #replaceOldest(entry: Entry): void {
    while (this.#entries.length > 0 && !this.#hasRoom(entry.event.value)) {
      const { event, missed } = this.#entries.shift()!;
      this.#weigh(-event.value.bytes);
      if (this.#entries.length > 0) this.#entries[0]!.missed += missed;
      else this.#missed += missed;
      this.#miss(event, this.#entries[0]);
    }
    // What was handed over and not taken may leave no room at all.
    if (this.#hasRoom(entry.event.value)) this.#append(entry);
    else this.#miss(entry.event);
    this.#advance();
  }

  /** Counts an event that there was no room for; the next one says so. */
  #miss(event: PublishedEvent, next?: Entry): void {
    if (next === undefined) this.#missed++;
    else next.missed++;
    this.dropped++;
    this.#options.onDrop(event);
  }

  #await(entry: Entry, waitMs: number): Promise<void> | undefined {
    const { bytes } = entry.event.value;
    if (
      waitMs <= 0 || this.#isStalled || this.#waiting.length >= MAX_WAITING ||
      this.#waitingBytes + bytes > this.#options.budget.max
    ) {
      this.#miss(entry.event);
      return undefined;
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(() => this.#stall(), waitMs);
    this.#waiting.push({ entry, resolve, timer });
    this.#waitingBytes += bytes;
    return promise;
  }

  /** A publish has waited as long as it may: the others need not find that out one by one. */
  #stall(): void {
    this.#isStalled = true;
    const waiting = this.#waiting;
    this.#release();
    for (const { entry } of waiting) this.#miss(entry.event);
  }

  /** Lets the publishes that wait go on; their events are not in the queue. */
  #release(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#waitingBytes = 0;
    for (const { resolve, timer } of waiting) {
      clearTimeout(timer);
      resolve();
    }
  }

  #advance(): void {
    for (;;) {
      this.#admit();
      if (
        this.#isClosed || this.#isPaused || this.#entries.length === 0 || this.#batches >= MAX_BATCHES ||
        this.#inFlight >= this.#window
      ) return;
      void this.#handOver(this.#cut());
    }
  }

  /** Takes in the publishes that wait, as far as there is room. */
  #admit(): void {
    while (this.#waiting.length > 0 && this.#hasRoom(this.#waiting[0]!.entry.event.value)) {
      const { entry, resolve, timer } = this.#waiting.shift()!;
      this.#waitingBytes -= entry.event.value.bytes;
      clearTimeout(timer);
      this.#append(entry);
      resolve();
    }
  }

  /** Takes the next batch out of the queue. */
  #cut(): Entry[] {
    return this.#entries.splice(0, countBatch(this.#entries, this.#window - this.#inFlight));
  }

  async #handOver(batch: readonly Entry[]): Promise<void> {
    this.#batches++;
    this.#inFlight += batch.length;
    try {
      await this.#options.take(batch);
    } catch {
      // A subscriber that fails has had its events; whoever hands them over reports it.
    }
    this.#batches--;
    this.#inFlight -= batch.length;
    for (const { event } of batch) this.#weigh(-event.value.bytes);
    this.#isStalled = false;
    if (this.#batches === 0) {
      this.#rest?.resolve();
      this.#rest = undefined;
    }
    this.#advance();
  }
}

/** How many of some events go into one batch; one at least. */
export function countBatch(
  events: readonly Pick<Delivery, "event">[],
  max: number = MAX_BATCH,
): number {
  const most = Math.min(events.length, max, MAX_BATCH);
  let [bytes, attachments, count] = [0, 0, 0];
  for (; count < most; count++) {
    const { value } = events[count]!.event;
    bytes += value.bytes;
    attachments += value.attachments;
    if (count > 0 && (bytes > MAX_BATCH_BYTES || attachments > MAX_ATTACHMENTS)) break;
  }
  return count;
}
