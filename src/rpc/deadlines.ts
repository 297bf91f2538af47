/**
 * Many deadlines on one timer: entries are swept when the earliest is due.
 *
 * @module
 */

/** Longest wait of a timer; a longer one would end at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** How deadlines tell the time. */
export interface DeadlineOptions {
  /** The clock, in milliseconds. @default {performance.now} */
  readonly now?: () => number;
  /** Whether the timer stays when the last key goes: most go soon, and the next one may use it. @default {true} */
  readonly keepsTimer?: boolean;
}

/** Calls back each entry whose time has come. */
export class Deadlines<Key> {
  readonly #due = new Map<Key, number>();
  readonly #onDue: (key: Key) => void;
  readonly #now: () => number;
  readonly #keepsTimer: boolean;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #armedFor = Infinity;

  /**
   * @param onDue Receives each key that is due, once.
   * @param options How the time is told.
   */
  constructor(onDue: (key: Key) => void, { now, keepsTimer = true }: DeadlineOptions = {}) {
    this.#onDue = onDue;
    this.#now = now ?? (() => performance.now());
    this.#keepsTimer = keepsTimer;
  }

  /** Has `key` called back after `timeoutMs`, unless it is deleted first. */
  set(key: Key, timeoutMs: number): void {
    const due = this.#now() + timeoutMs;
    this.#due.set(key, due);
    if (due < this.#armedFor) this.#arm(due);
  }

  /** Forgets `key`. */
  delete(key: Key): void {
    this.#due.delete(key);
    if (!this.#keepsTimer && this.#due.size === 0) this.clear();
  }

  /** Forgets everything and gives up the timer. */
  clear(): void {
    this.#due.clear();
    clearTimeout(this.#timer);
    this.#armedFor = Infinity;
  }

  #arm(due: number): void {
    clearTimeout(this.#timer);
    this.#armedFor = due;
    const waitMs = Math.min(MAX_TIMER_MS, Math.max(1, due - this.#now()));
    this.#timer = setTimeout(() => this.#sweep(), waitMs);
  }

  #sweep(): void {
    const now = this.#now();
    this.#armedFor = Infinity;
    let earliest = Infinity;
    const dueNow: Key[] = [];
    for (const [key, due] of this.#due) {
      if (due <= now) dueNow.push(key);
      else if (due < earliest) earliest = due;
    }
    for (const key of dueNow) {
      // One that is due may have taken others along.
      if (this.#due.delete(key)) this.#onDue(key);
    }
    if (earliest < this.#armedFor) this.#arm(earliest);
  }
}
