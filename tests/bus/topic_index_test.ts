import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import { matchesTopic } from "../../src/bus/topic.ts";
import { TopicIndex } from "../../src/bus/topic_index.ts";

const segment = fc.constantFrom("a", "b", "ab", "__proto__");
const topics = fc.array(segment, { minLength: 1, maxLength: 4 }).map((segments) => segments.join("."));
const patterns = fc.tuple(
  fc.array(fc.oneof(segment, fc.constant("*"), fc.constant("**")), { minLength: 1, maxLength: 3 }),
  fc.boolean(),
).map(([segments, isOpen]) => [...segments, ...isOpen ? ["**"] : []].join("."));

Deno.test("TopicIndex finds exactly what the plain matcher finds, whatever was added and taken away", () => {
  const steps = fc.array(fc.tuple(patterns, fc.boolean()), { maxLength: 30 });
  fc.assert(
    fc.property(steps, topics, (steps, topic) => {
      const index = new TopicIndex<string>();
      const present = new Set<string>();
      for (const [pattern, isAdded] of steps) {
        if (isAdded) index.add(pattern, pattern);
        else index.delete(pattern, pattern);
        if (isAdded) present.add(pattern);
        else present.delete(pattern);
      }
      assertStrictEquals(index.size, present.size);
      assertEquals(
        index.match(topic).sort(),
        [...present].filter((pattern) => matchesTopic(pattern, topic)).sort(),
      );
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("TopicIndex keeps several items of a pattern apart, and forgets what nobody needs", () => {
  const index = new TopicIndex<number>();
  for (const item of [1, 2]) index.add("a.*.c", item);
  index.add("a.**", 3);
  index.add("a.**", 3);
  assertEquals(index.match("a.b.c").sort(), [1, 2, 3]);
  assertStrictEquals(index.size, 3);
  index.delete("a.*.c", 1);
  index.delete("a.*.c", 1);
  index.delete("never.there", 1);
  assertEquals(index.match("a.b.c").sort(), [2, 3]);
  index.delete("a.*.c", 2);
  index.delete("a.**", 3);
  assertStrictEquals(index.size, 0);
  assertEquals(index.match("a.b.c"), []);
});

Deno.test("TopicIndex.match() looks at no pattern that cannot match, wildcards among them", () => {
  // Counted, not timed: each segment that is looked up is one step.
  const index = new TopicIndex<number>();
  for (let n = 0; n < 10_000; n++) {
    for (const pattern of [`other${n}.*`, `*.x${n}`, `a.b${n}.**`, `*.*.${n}.**`]) index.add(pattern, n);
  }
  index.add("a.hour", -1);
  const { get } = Map.prototype;
  let lookups = 0;
  Map.prototype.get = function (key) {
    lookups++;
    return get.call(this, key);
  };
  try {
    assertEquals(index.match("a.hour"), [-1]);
  } finally {
    Map.prototype.get = get;
  }
  assert(lookups <= 14, `${lookups} lookups`);
});
