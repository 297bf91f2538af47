import { assertEquals } from "@std/assert";
import { CircuitBreaker, OPEN_AFTER } from "../../../src/lifecycle/supervision/circuit_breaker.ts";

/** A breaker with its clock in our hands. */
function createBreaker() {
  const clock = { now: 0 };
  return { clock, breaker: new CircuitBreaker(() => clock.now) };
}

Deno.test("CircuitBreaker.admit() has calls wait until there were too many failures in a row", () => {
  const { breaker } = createBreaker();
  for (let failures = 1; failures < OPEN_AFTER; failures++) {
    breaker.fail(failures, 1_000);
    assertEquals(breaker.admit(), "wait");
  }
  breaker.fail(OPEN_AFTER, 1_000);
  assertEquals([breaker.isClosed, breaker.admit()], [false, "refuse"]);
});

Deno.test("CircuitBreaker.admit() lets one call through while the plugin is started again", () => {
  const { breaker } = createBreaker();
  breaker.fail(OPEN_AFTER, 1_000);
  breaker.probe();
  assertEquals([breaker.admit(), breaker.admit(), breaker.admit()], ["probe", "refuse", "refuse"]);
  // It ended before anything was known.
  breaker.release();
  assertEquals([breaker.admit(), breaker.admit()], ["probe", "refuse"]);
  breaker.close();
  assertEquals([breaker.admit(), breaker.admit()], ["wait", "wait"]);
});

Deno.test("CircuitBreaker opens again when the plugin fails again, and its probe changes nothing then", () => {
  const { clock, breaker } = createBreaker();
  breaker.fail(OPEN_AFTER, 1_000);
  clock.now = 999;
  assertEquals(breaker.admit(), "refuse");
  clock.now = 1_000;
  assertEquals(breaker.admit(), "probe");
  breaker.fail(OPEN_AFTER + 1, 2_000);
  breaker.release();
  assertEquals(breaker.admit(), "refuse");
  clock.now = 3_000;
  assertEquals(breaker.admit(), "probe");
});

Deno.test("CircuitBreaker stays open for a plugin that was given up, until somebody wants it tried", () => {
  const { clock, breaker } = createBreaker();
  breaker.fail(1, Infinity);
  clock.now = Number.MAX_SAFE_INTEGER;
  assertEquals(breaker.admit(), "refuse");
  breaker.close();
  assertEquals(breaker.admit(), "wait");
});
