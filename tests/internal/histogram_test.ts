import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { Histogram, QUANTILE_ERROR } from "../../src/internal/histogram.ts";

function histogramOf(figures: readonly number[]): Histogram {
  const histogram = new Histogram();
  for (const figure of figures) histogram.record(figure);
  return histogram;
}

/** The figure that `share` of all do not exceed, by sorting. */
function exactQuantile(figures: readonly number[], share: number): number {
  const sorted = figures.toSorted((a, b) => a - b);
  return sorted[Math.max(1, Math.ceil(share * sorted.length)) - 1]!;
}

/** Figures that have buckets: microseconds to an hour, as milliseconds. */
const FIGURE = fc.oneof(
  fc.double({ min: 2 ** -10, max: 2 ** 22, maxExcluded: true, noNaN: true }),
  fc.double({ min: 2 ** -10, max: 10, noNaN: true }),
  fc.integer({ min: -10, max: 21 }).map((exponent) => 2 ** exponent),
);

Deno.test("Histogram.quantile() is within the stated error of the exact one", () => {
  fc.assert(
    fc.property(
      fc.array(FIGURE, { minLength: 1, maxLength: 200 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (figures, share) => {
        const exact = exactQuantile(figures, share);
        const told = histogramOf(figures).quantile(share)!;
        assert(Math.abs(told - exact) <= QUANTILE_ERROR * exact, `${told} instead of ${exact}`);
      },
    ),
    { numRuns: 2_000 },
  );
});

Deno.test("Histogram.add() is as if one had counted all", () => {
  fc.assert(
    fc.property(fc.array(FIGURE), fc.array(FIGURE), (some, others) => {
      const sum = histogramOf(some);
      sum.add(histogramOf(others));
      const all = histogramOf([...some, ...others]);
      assertEquals(sum.total, all.total);
      for (const share of [0, 0.5, 0.99, 1]) assertEquals(sum.quantile(share), all.quantile(share));
    }),
  );
});

Deno.test("Histogram counts figures beyond its bounds as the nearest that have a bucket", () => {
  assertEquals(new Histogram().quantile(0.5), undefined);
  assertEquals(histogramOf([0]).quantile(1), histogramOf([2 ** -10]).quantile(1));
  assertEquals(histogramOf([1e-9]).quantile(1), histogramOf([2 ** -10]).quantile(1));
  for (const figure of [2 ** 22, 1e12, Infinity, NaN]) {
    assertEquals(histogramOf([figure]).quantile(1), histogramOf([2 ** 22 - 1]).quantile(1));
  }
});

Deno.test("Histogram.clear() forgets everything", () => {
  const histogram = histogramOf([1, 2, 3]);
  histogram.clear();
  assertEquals([histogram.total, histogram.quantile(0.5)], [0, undefined]);
  histogram.record(8);
  assertEquals(histogram.quantile(0), histogramOf([8]).quantile(1));
});
