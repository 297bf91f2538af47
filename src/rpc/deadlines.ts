/**
 * Many deadlines on one timer: entries are swept when the earliest is due.
 *
 * @module
 */

/** Longest wait of a timer; a longer one would end at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Calls back each entry whose time has come. */
export class Deadlines<Key> {
  readonly #due = new Map<Key, number>();
  readonly #onDue: (key: Key) => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #armedFor = Infinity;

  /** @param onDue Receives each key that is due, once. */
  constructor(onDue: (key: Key) => void) {
    this.#onDue = onDue;
  }

  /** Has `key` called back after `timeoutMs`, unless it is deleted first. */
  set(key: Key, timeoutMs: number): void {
    const due = performance.now() + timeoutMs;
    this.#due.set(key, due);
    if (due < this.#armedFor) this.#arm(due);
  }

  /** Forgets `key`. The timer stays: most keys go soon after they came, and the next one may use it. */
  delete(key: Key): void {
    this.#due.delete(key);
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
    const waitMs = Math.min(MAX_TIMER_MS, Math.max(1, due - performance.now()));
    this.#timer = setTimeout(() => this.#sweep(), waitMs);
  }

  #sweep(): void {
    const now = performance.now();
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
