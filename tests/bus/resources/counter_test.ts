import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { SharedCounter } from "../../../src/bus/resources/counter.ts";
import { CordonError } from "../../../src/errors.ts";

Deno.test("SharedCounter counts, and sets what it has only where that is expected", () => {
  const counter = new SharedCounter("hits");
  assertEquals([counter.value, counter.add(3), counter.add(-5)], [0, 3, -2]);
  assertEquals(counter.compareAndSet(0, 7), { swapped: false, value: -2 });
  assertEquals(counter.compareAndSet(-2, 7), { swapped: true, value: 7 });
});

Deno.test("SharedCounter refuses what would be no exact number", () => {
  const counter = new SharedCounter("hits");
  counter.add(Number.MAX_SAFE_INTEGER);
  assertStrictEquals(assertThrows(() => counter.add(1), CordonError).code, "invalid_input");
  assertStrictEquals(counter.value, Number.MAX_SAFE_INTEGER);
});
