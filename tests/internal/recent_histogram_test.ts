import { assert, assertEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { RECENT_MS, RecentHistogram } from "../../src/internal/recent_histogram.ts";

Deno.test("RecentHistogram counts a figure for ten seconds, and not much longer", () => {
  using time = new FakeTime();
  const histogram = new RecentHistogram();
  const total = () => histogram.read(Date.now()).total;
  histogram.record(5, Date.now());
  assertEquals(total(), 1);
  time.tick(RECENT_MS);
  assertEquals(total(), 1);
  time.tick(2_500);
  assertEquals(total(), 0);
});

Deno.test("RecentHistogram forgets the oldest slot alone, each in its turn", () => {
  using time = new FakeTime(1_000_000);
  const histogram = new RecentHistogram();
  const totals: number[] = [];
  for (let second = 0; second < 40; second++) {
    // Fast at first, then slow.
    histogram.record(second < 20 ? 1 : 100, Date.now());
    totals.push(histogram.read(Date.now()).total);
    time.tick(1_000);
  }
  assertEquals(totals.slice(0, 10), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  assert(totals.slice(12).every((total) => total >= 10 && total <= 13), totals.join());
  // The fast ones are forgotten by now.
  assert(histogram.read(Date.now()).quantile(0)! > 90);
});

Deno.test("RecentHistogram forgets everything over a long silence", () => {
  using time = new FakeTime(7);
  const histogram = new RecentHistogram();
  for (let count = 0; count < 5; count++) {
    histogram.record(1, Date.now());
    time.tick(2_500);
  }
  time.tick(3_600_000);
  assertEquals(histogram.read(Date.now()).total, 0);
  histogram.record(3, Date.now());
  assertEquals(histogram.read(Date.now()).total, 1);
});
