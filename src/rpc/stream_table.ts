/**
 * The streams that are open in one direction, by number: those in arguments
 * and those in results are counted apart, so that who calls a method cannot
 * take the places of what it answers.
 *
 * @module
 */

/** How many streams may be open at once. */
export interface StreamBounds {
  /** In arguments. */
  readonly asked: number;
  /** In results. */
  readonly answered: number;
}

/** Where a stream came from: the arguments of a call, or its result. */
export type StreamKind = keyof StreamBounds;

/** The open streams of one direction. */
export class StreamTable<Stream> {
  readonly #bounds: StreamBounds;
  readonly #streams = new Map<number, { readonly stream: Stream; readonly kind: StreamKind }>();
  readonly #counts: Record<StreamKind, number> = { asked: 0, answered: 0 };

  /** @param bounds How many may be open. */
  constructor(bounds: StreamBounds) {
    this.#bounds = bounds;
  }

  /** How many are open. */
  get size(): number {
    return this.#streams.size;
  }

  /** How many may be open of a kind. */
  boundOf(kind: StreamKind): number {
    return this.#bounds[kind];
  }

  /** Whether so many more of a kind may be opened. */
  hasRoom(kind: StreamKind, count: number = 1): boolean {
    return this.#counts[kind] + count <= this.#bounds[kind];
  }

  /** Whether a number is taken. */
  has(id: number): boolean {
    return this.#streams.has(id);
  }

  /** The stream of a number. */
  get(id: number): Stream | undefined {
    return this.#streams.get(id)?.stream;
  }

  /** Opens a stream. */
  add(id: number, stream: Stream, kind: StreamKind): void {
    this.#streams.set(id, { stream, kind });
    this.#counts[kind]++;
  }

  /** Closes a stream, and gives it back. */
  take(id: number): Stream | undefined {
    const entry = this.#streams.get(id);
    if (entry === undefined) return undefined;
    this.#streams.delete(id);
    this.#counts[entry.kind]--;
    return entry.stream;
  }

  /** Closes all of them, and gives them back. */
  takeAll(): Stream[] {
    const streams = [...this.#streams.values()].map(({ stream }) => stream);
    this.#streams.clear();
    this.#counts.asked = this.#counts.answered = 0;
    return streams;
  }
}
