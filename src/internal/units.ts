/**
 * Durations, sizes, shares and rates as they stand in manifests: strings with units.
 *
 * @module
 */

const DURATION_UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};
/** Timers hold less than 2^31 ms; what is longer would end at once. */
const MAX_DURATION_MS = 24 * 86_400_000;
const SIZE_UNITS: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
};

/** How often something may happen. */
export interface Rate {
  /** Most times. */
  readonly count: number;
  /** Within so many milliseconds. */
  readonly periodMs: number;
}

/**
 * Milliseconds of a duration such as `"250ms"`, `"5s"`, `"1.5h"`.
 *
 * @throws {SyntaxError} If it is none, is zero or exceeds 24 days.
 */
export function parseDuration(text: string): number {
  const ms = scale(text, DURATION_UNITS);
  if (ms === undefined || ms <= 0 || ms > MAX_DURATION_MS) {
    throw new SyntaxError(
      `Cannot parse duration "${text}": expected a positive number with ms, s, m, h or d, at most 24d, as "5s"`,
    );
  }
  return ms;
}

/**
 * Bytes of a size such as `"128MiB"`.
 *
 * @throws {SyntaxError} If it is none, is zero or exceeds 1 PiB.
 */
export function parseSize(text: string): number {
  const bytes = scale(text, SIZE_UNITS);
  if (bytes === undefined || bytes < 1 || bytes > 2 ** 50) {
    throw new SyntaxError(
      `Cannot parse size "${text}": expected a positive number with B, KB, MB, GB, KiB, MiB or GiB, as "128MiB"`,
    );
  }
  return Math.floor(bytes);
}

/**
 * The fraction that a share such as `"50%"` names; above 1 for more than one core.
 *
 * @throws {SyntaxError} If it is none or outside 1 % to 10,000 %.
 */
export function parseShare(text: string): number {
  const percent = scale(text, { "%": 1 });
  if (percent === undefined || percent < 1 || percent > 10_000) {
    throw new SyntaxError(`Cannot parse share "${text}": expected 1% to 10000%, as "50%"`);
  }
  return percent / 100;
}

/**
 * The rate that `"200/s"` or `"5/10m"` names.
 *
 * @throws {SyntaxError} If it is none.
 */
export function parseRate(text: string): Rate {
  const match = /^([1-9]\d{0,8})\/(.+)$/.exec(text);
  const period = match?.[2] === undefined ? undefined : /^[a-z]/.test(match[2]) ? `1${match[2]}` : match[2];
  const periodMs = period === undefined ? undefined : scale(period, DURATION_UNITS);
  if (periodMs === undefined || periodMs <= 0) {
    throw new SyntaxError(
      `Cannot parse rate "${text}": expected a count and a period, as "200/s" or "5/10m"`,
    );
  }
  return { count: Number(match![1]), periodMs };
}

function scale(text: string, units: Readonly<Record<string, number>>): number | undefined {
  const match = /^(\d{1,12}(?:\.\d{1,6})?)([A-Za-z%]{1,3})$/.exec(text);
  if (match === null || !Object.hasOwn(units, match[2]!)) return undefined;
  return Number(match[1]) * units[match[2]!]!;
}
