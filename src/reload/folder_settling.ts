/**
 * Waits until a burst of changes is over and then acts on all of it at once.
 *
 * @module
 */

/** Longest time for which changes that never pause are gathered. */
const MAX_WAIT_MS = 500;

/** Gathers changes; what comes while they are acted on is gathered for the next time. */
export class FolderSettling {
  readonly #act: () => Promise<void>;
  #state: { readonly type: "open" | "closed" } = { type: "open" };
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** When the timer runs out. */
  #wakesAt = 0;
  /** When it is to act, and when at the latest. */
  #due: { at: number; readonly latest: number } | undefined;
  #acting: Promise<void> | undefined;

  /** @param act Acts on what was gathered; must not fail. Never runs twice at a time. */
  constructor(act: () => Promise<void>) {
    this.#act = act;
  }

  /** Something changed: it is acted on when nothing else comes for `quietMs`. */
  note(quietMs: number): void {
    if (this.#state.type === "closed") return;
    const now = performance.now();
    const latest = this.#due?.latest ?? now + Math.max(MAX_WAIT_MS, quietMs);
    this.#due = { at: Math.min(now + quietMs, latest), latest };
    this.#arm();
  }

  /** Acts no more, and waits for what is under way. */
  async close(): Promise<void> {
    this.#state = { type: "closed" };
    clearTimeout(this.#timer);
    this.#due = undefined;
    await this.#acting;
  }

  #arm(): void {
    if (this.#due === undefined || this.#acting !== undefined) return;
    // A burst of thousands sets one timer, which looks again when it runs out.
    if (this.#timer !== undefined && this.#wakesAt <= this.#due.at) return;
    clearTimeout(this.#timer);
    this.#wakesAt = this.#due.at;
    this.#timer = setTimeout(() => this.#wake(), this.#due.at - performance.now());
  }

  #wake(): void {
    this.#timer = undefined;
    if (this.#due === undefined) return;
    // Timers run out a little early now and then.
    if (this.#due.at > performance.now() + 0.5) return this.#arm();
    this.#due = undefined;
    this.#acting = this.#act().finally(() => {
      this.#acting = undefined;
      this.#arm();
    });
  }
}
