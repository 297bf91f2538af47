import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { MAX_CACHE_ENTRIES } from "../../../src/bus/resources/bounds.ts";
import { SharedCache } from "../../../src/bus/resources/cache.ts";
import { keepValue } from "../../../src/bus/resources/kept_value.ts";
import { MemoryBudget } from "../../../src/bus/resources/memory_budget.ts";
import { CordonError } from "../../../src/errors.ts";

/** Bytes of an entry whose key has one letter. */
const entryBytes = (value: unknown) => keepValue(value).bytes + 2;

function makeCache(maxBytes: number, budgetBytes = Infinity): { cache: SharedCache; clock: { now: number } } {
  const clock = { now: 0 };
  const cache = new SharedCache("c", maxBytes, {
    budget: new MemoryBudget(budgetBytes),
    now: () => clock.now,
  });
  return { cache, clock };
}

Deno.test("SharedCache gives up what was not used for longest, by bytes", () => {
  const bytes = entryBytes("12345678");
  const { cache } = makeCache(3 * bytes);
  for (const key of "abc") cache.set(key, "12345678");
  assertStrictEquals(cache.bytes, 3 * bytes);
  cache.get("a");
  cache.set("d", "12345678");
  assertEquals([..."abcd"].map((key) => cache.get(key) !== undefined), [true, false, true, true]);
  cache.set("e", "12345678".repeat(2).slice(0, 12));
  assertStrictEquals(cache.bytes <= 3 * bytes, true);
  assertEquals([..."acde"].map((key) => cache.get(key) !== undefined), [false, false, true, true]);
});

Deno.test("SharedCache replaces a value, and knows one that is undefined from none", () => {
  const { cache } = makeCache(1_000);
  cache.set("a", 1);
  cache.set("a", undefined);
  assertEquals([cache.get("a"), cache.get("b"), cache.size], [{ value: undefined }, undefined, 1]);
  assertEquals([cache.delete("a"), cache.delete("a"), cache.bytes], [true, false, 0]);
});

Deno.test("SharedCache forgets a value when its time is over", () => {
  const { cache, clock } = makeCache(1_000);
  cache.set("a", 1, 100);
  cache.set("b", 2);
  clock.now = 99;
  assertEquals(cache.get("a"), { value: 1 });
  clock.now = 100;
  assertEquals([cache.get("a"), cache.get("b"), cache.size], [undefined, { value: 2 }, 1]);
  assertStrictEquals(cache.bytes, entryBytes(2));
});

Deno.test("SharedCache refuses a value larger than itself, and keeps what it has", () => {
  const { cache } = makeCache(200);
  cache.set("a", 1);
  const error = assertThrows(() => cache.set("b", new Uint8Array(200)), CordonError);
  assertEquals([error.code, cache.get("a"), cache.get("b")], ["value_too_large", { value: 1 }, undefined]);
});

Deno.test("SharedCache makes room where the host has none left, and says so where that does not do", () => {
  const bytes = entryBytes("12345678");
  const budget = new MemoryBudget(2 * bytes);
  const caches = ["x", "y"].map((name) => new SharedCache(name, 10 * bytes, { budget }));
  caches[0]!.set("a", "12345678");
  caches[1]!.set("a", "12345678");
  caches[1]!.set("b", "12345678");
  assertEquals([caches[0]!.size, caches[1]!.size, caches[1]!.get("a")], [1, 1, undefined]);
  const error = assertThrows(() => caches[1]!.set("c", "1234".repeat(20)), CordonError);
  assertEquals([error.code, caches[1]!.get("b")], ["resources_full", { value: "12345678" }]);
  for (const cache of caches) cache[Symbol.dispose]();
  assertStrictEquals(budget.take(2 * bytes), true, "everything is given back");
});

Deno.test("SharedCache shrinks with its size, and bounds its entries", () => {
  const { cache } = makeCache(100 * 2 ** 20);
  for (let index = 0; index < MAX_CACHE_ENTRIES + 10; index++) cache.set(`${index}`, 0);
  assertEquals([cache.size, cache.get("9"), cache.get("10")], [MAX_CACHE_ENTRIES, undefined, { value: 0 }]);
  cache.resize(1_000);
  assertEquals([cache.bytes <= 1_000, cache.get("10")], [true, { value: 0 }]);
});

Deno.test("SharedCache never holds more than it may, and counts what it holds", () => {
  const step = fc.record({
    key: fc.constantFrom(..."abcdefgh"),
    length: fc.nat(600),
    type: fc.constantFrom("set", "set", "get", "delete"),
  });
  fc.assert(fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
    const { cache } = makeCache(1_000, 900);
    for (const { key, length, type } of steps) {
      if (type === "get") cache.get(key);
      else if (type === "delete") cache.delete(key);
      else if (entryBytes("x".repeat(length)) <= 900) cache.set(key, "x".repeat(length));
      const held = [..."abcdefgh"].flatMap((each) => cache.get(each) ?? []);
      assertStrictEquals(cache.bytes, held.reduce((sum, { value }) => sum + entryBytes(value), 0));
      assertStrictEquals(cache.bytes <= 900, true);
    }
  }));
});

Deno.test("keepValue() copies, counts, and leaves the message behind", () => {
  const frame = new Uint8Array(1_000).fill(7);
  const value = { list: [1, "ab", null, true], bytes: frame.subarray(0, 10), ["__proto__"]: { x: 1 } };
  const kept = keepValue(value);
  assertEquals(kept.value, value);
  assertEquals(Object.keys(kept.value as object), ["list", "bytes", "__proto__"]);
  const copy = kept.value as typeof value;
  assertStrictEquals(copy.bytes.buffer.byteLength, 10);
  value.list.push(2);
  assertStrictEquals(copy.list.length, 4);
  assertStrictEquals(keepValue([[], [], []]).bytes > 3 * 64, true, "brackets are not free");
});
