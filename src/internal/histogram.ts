/**
 * How a figure is distributed, in fixed memory: buckets whose width grows with
 * the figure, 16 to each doubling. A quantile is told with an error of 1/32
 * (3.2 %) at most.
 *
 * @module
 */

/** Buckets to each doubling, as a power of two. */
const SUB_BITS = 4;
/** Figures from 2^-10 to 2^22 have buckets; those outside count as the nearest. */
const [MIN_EXPONENT, MAX_EXPONENT] = [-10, 22];
const BUCKETS = (MAX_EXPONENT - MIN_EXPONENT) << SUB_BITS;
const SHIFT = 20 - SUB_BITS;
/** What the upper half of the smallest figure's bits has before its bucket's number. */
const OFFSET = (1023 + MIN_EXPONENT) << SUB_BITS;

/** The largest relative error of a quantile of figures from 2^-10 to 2^22. */
export const QUANTILE_ERROR = 1 / (2 << SUB_BITS);

// The exponent and first digits of a float are its upper half's bits: no logarithm is needed.
const FLOAT = new Float64Array(1);
const WORDS = new Uint32Array(FLOAT.buffer);
/** Where the upper half is: on every system that Deno runs on the second word. */
const UPPER = 1;

/** Counts figures above zero. */
export class Histogram {
  readonly #counts = new Uint32Array(BUCKETS);
  #total = 0;

  /** How many figures there are. */
  get total(): number {
    return this.#total;
  }

  /** Counts a figure. */
  record(figure: number): void {
    this.#counts[bucketOf(figure)]!++;
    this.#total++;
  }

  /** Counts all that another counted. */
  add(other: Histogram): void {
    if (other.#total === 0) return;
    for (let bucket = 0; bucket < BUCKETS; bucket++) this.#counts[bucket]! += other.#counts[bucket]!;
    this.#total += other.#total;
  }

  /** Forgets everything. */
  clear(): void {
    if (this.#total === 0) return;
    this.#counts.fill(0);
    this.#total = 0;
  }

  /** The figure that a share of all figures does not exceed; undefined where there are none. */
  quantile(share: number): number | undefined {
    if (this.#total === 0) return undefined;
    let left = Math.max(1, Math.ceil(share * this.#total));
    let bucket = -1;
    while (left > 0) left -= this.#counts[++bucket]!;
    return middleOf(bucket);
  }
}

function bucketOf(figure: number): number {
  FLOAT[0] = figure;
  // What is not a number has bits above all others.
  return Math.min(Math.max((WORDS[UPPER]! >>> SHIFT) - OFFSET, 0), BUCKETS - 1);
}

function middleOf(bucket: number): number {
  const scale = 2 ** (MIN_EXPONENT + (bucket >> SUB_BITS));
  const step = bucket & ((1 << SUB_BITS) - 1);
  return scale * (1 + (step + 0.5) / (1 << SUB_BITS));
}
