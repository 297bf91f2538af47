import { assert, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import { RateLimiter } from "../../src/internal/rate_limiter.ts";

Deno.test("RateLimiter.take() allows a burst of the whole count, then as many as time brings", () => {
  let now = 0;
  const limiter = new RateLimiter({ count: 3, periodMs: 300 }, () => now);
  const takeAll = () => {
    let taken = 0;
    while (limiter.take()) taken++;
    return taken;
  };
  assertStrictEquals(takeAll(), 3);
  now += 99;
  assertStrictEquals(takeAll(), 0);
  now += 1;
  assertStrictEquals(takeAll(), 1);
  now += 1_000_000;
  assertStrictEquals(takeAll(), 3);
});

Deno.test("RateLimiter.take() never allows more than the rate and one burst, whenever it is asked", () => {
  const rate = fc.record({
    count: fc.integer({ min: 1, max: 50 }),
    periodMs: fc.integer({ min: 1, max: 10_000 }),
  });
  fc.assert(
    fc.property(rate, fc.array(fc.integer({ min: 0, max: 500 }), { maxLength: 200 }), (rate, waits) => {
      let now = 1_000;
      let taken = 0;
      const limiter = new RateLimiter(rate, () => now);
      for (const wait of waits) {
        now += wait;
        if (limiter.take()) taken++;
      }
      assert(taken <= rate.count + (now - 1_000) * rate.count / rate.periodMs + 1e-6);
    }),
  );
});

Deno.test("RateLimiter uses the clock of the machine unless it is given one", () => {
  const limiter = new RateLimiter({ count: 1, periodMs: 3_600_000 });
  assert(limiter.take());
  assert(!limiter.take());
});
