/**
 * How far each subscription to kept events has come. What changes is written
 * soon, not at once: events that were taken meanwhile come again after a crash.
 *
 * @module
 */

import { CordonError } from "../errors.ts";
import type { EventKeeper, PositionRow } from "../store/event_rows.ts";
import type { CursorState } from "./event_cursor.ts";

/** Positions kept for one plugin. */
const MAX_POSITIONS = 256;

/** Longest time that a change is not on disk. */
const KEEP_MS = 100;

/** How a position is opened. */
export interface OpenPosition {
  /** Its pattern. */
  readonly pattern: string;
  /** What it is kept under; it is not kept without. */
  readonly key: { readonly plugin: string; readonly name?: string } | undefined;
  /** Where it begins without one of before. */
  readonly begin: () => number;
  /** Whether one of before does not count. */
  readonly rewind: boolean;
  /** Whether it is kept from now on: else once there are events for it. */
  readonly isKept: boolean;
}

/** A position, and what it is kept under: a subscriber outside the plugins has no such thing. */
export interface KeptPosition {
  /** What it is kept under. */
  readonly key: Pick<PositionRow, "plugin" | "pattern" | "name"> | undefined;
  /** Its pattern. */
  readonly pattern: string;
  /** How far it has come. */
  readonly state: CursorState;
  /** Whether there was none before, when it was opened. */
  isNew: boolean;
  /** Whether somebody goes on from it. */
  isOpen: boolean;
  /** Whether it is on disk. */
  isKept: boolean;
}

/** The positions of all subscriptions. */
export class KeptPositions implements Disposable {
  readonly #store: EventKeeper;
  readonly #dirty = new Set<KeptPosition>();
  #known: Set<KeptPosition> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isClosed = false;

  /** @param store Where they are kept. */
  constructor(store: EventKeeper) {
    this.#store = store;
  }

  /**
   * Opens a position: the one of before, or a new one.
   *
   * @throws {CordonError} `invalid_input` for one that is open, `too_many_subscriptions`, `not_writable`.
   */
  open({ pattern, key, begin, rewind, isKept }: OpenPosition): KeptPosition {
    if (key === undefined) return this.#add(undefined, pattern, begin());
    const { plugin } = key;
    const others = this.of(plugin).filter((other) => other.pattern === pattern);
    const name = key.name ?? findName(others);
    const before = others.find((other) => other.key!.name === name);
    if (before?.isOpen) {
      throw new CordonError(
        "invalid_input",
        `Cannot subscribe to "${pattern}" as "${name}": there is such a subscription`,
        { hint: "Give each a name of its own" },
      );
    }
    if (before === undefined && this.of(plugin).length >= MAX_POSITIONS) {
      throw new CordonError(
        "too_many_subscriptions",
        `Cannot subscribe to "${pattern}": ${MAX_POSITIONS} positions are kept`,
        { hint: "Unsubscribe from what is not needed" },
      );
    }
    if (before !== undefined && rewind) Object.assign(before.state, createState(begin()));
    const position = before ?? this.#add({ plugin, pattern, name }, pattern, begin());
    position.isNew = before === undefined;
    position.isOpen = true;
    if (isKept && (rewind || !position.isKept)) this.#put(position);
    return position;
  }

  /** Closes a position; one that is kept stays. */
  close(position: KeptPosition): void {
    position.isOpen = false;
    if (!position.isKept) this.#positions.delete(position);
  }

  /** Keeps a position no longer. */
  forget(position: KeptPosition): void {
    this.#positions.delete(position);
    this.#dirty.delete(position);
    if (position.isKept) this.#store.removePosition(position.key!);
    position.isKept = false;
  }

  /** Keeps a position that has changed, soon. */
  keepLater(position: KeptPosition): void {
    if (!position.isKept) return;
    this.#dirty.add(position);
    if (!this.#isClosed) this.#timer ??= setTimeout(() => this.#flush(), KEEP_MS);
  }

  /** Keeps, from now on, the positions that are open for some patterns. */
  keepOpen(isMeant: (pattern: string) => boolean): void {
    for (const position of this.#positions) {
      if (position.isOpen && position.key !== undefined && isMeant(position.pattern)) this.#put(position);
    }
  }

  /** Writes what has changed; it is written for good when {@linkcode KeptPositions.written} says so. */
  write(): void {
    for (const position of this.#dirty) this.#put(position);
  }

  /** What was written last cannot be taken back any more. */
  written(): void {
    this.#dirty.clear();
  }

  /** The positions of a plugin. */
  of(plugin: string): KeptPosition[] {
    return [...this.#positions].filter(({ key }) => key?.plugin === plugin);
  }

  /** Those that have not come as far as some position. */
  before(position: number): KeptPosition[] {
    return [...this.#positions].filter(({ state }) => state.position < position);
  }

  /** Writes what has changed, for the last time. */
  [Symbol.dispose](): void {
    this.#isClosed = true;
    this.#flush();
  }

  get #positions(): Set<KeptPosition> {
    return this.#known ??= new Set(
      this.#store.positions().map(({ plugin, pattern, name, ...row }) => {
        const state = { ...row, offered: 0 };
        return { key: { plugin, pattern, name }, pattern, state, isNew: false, isOpen: false, isKept: true };
      }),
    );
  }

  #add(key: KeptPosition["key"], pattern: string, at: number): KeptPosition {
    const position = { key, pattern, state: createState(at), isNew: true, isOpen: true, isKept: false };
    this.#positions.add(position);
    return position;
  }

  #put(position: KeptPosition): void {
    this.#store.putPosition({ ...position.key!, ...position.state });
    position.isKept = true;
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#dirty.size === 0) return;
    try {
      this.#store.transaction(() => this.write());
      this.written();
    } catch {
      // Whoever cannot keep events hears of it. Until there is room, what was taken comes again after a crash.
    }
  }
}

function createState(position: number): CursorState {
  return { position, attempts: 0, careful: 0, missed: 0, offered: 0 };
}

/** The first ordinal that is not in use, for a subscription without a name. */
function findName(others: readonly KeptPosition[]): string {
  const open = new Set(others.filter(({ isOpen }) => isOpen).map(({ key }) => key!.name));
  for (let ordinal = 1;; ordinal++) if (!open.has(String(ordinal))) return String(ordinal);
}
