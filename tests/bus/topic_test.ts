import { assert, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import { isTopic, matchesTopic } from "../../src/bus/topic.ts";

Deno.test("matchesTopic() takes * for one segment and a final ** for one or more", () => {
  const matches: [string, string][] = [
    ["clock.hour", "clock.hour"],
    ["clock.*", "clock.hour"],
    ["*", "clock"],
    ["*.hour", "clock.hour"],
    ["a.*.c", "a.b.c"],
    ["**", "a"],
    ["**", "a.b.c"],
    ["a.**", "a.b"],
    ["a.**", "a.b.c.d"],
    ["a.*.**", "a.b.c"],
  ];
  const differs: [string, string][] = [
    ["clock.hour", "clock"],
    ["clock", "clock.hour"],
    ["clock.hour", "clock.hours"],
    ["clock.*", "clock"],
    ["clock.*", "clock.hour.half"],
    ["*", "clock.hour"],
    ["a.**", "a"],
    ["a.**", "ab.c"],
    ["a.*.**", "a.b"],
    ["a.**.c", "a.b.c"],
    ["a*", "ab"],
    ["a.h*", "a.hour"],
    ["a..b", "a.b"],
  ];
  for (const [pattern, topic] of matches) assert(matchesTopic(pattern, topic), `${pattern} ${topic}`);
  for (const [pattern, topic] of differs) assert(!matchesTopic(pattern, topic), `${pattern} ${topic}`);
});

Deno.test("matchesTopic() agrees with a regular expression of the same meaning", () => {
  const segment = fc.constantFrom("a", "b", "ab");
  const topic = fc.array(segment, { minLength: 1, maxLength: 4 }).map((segments) => segments.join("."));
  const pattern = fc.tuple(
    fc.array(fc.oneof(segment, fc.constant("*")), { minLength: 1, maxLength: 3 }),
    fc.boolean(),
  )
    .map(([segments, isOpen]) => [...segments, ...isOpen ? ["**"] : []].join("."));
  fc.assert(
    fc.property(pattern, topic, (pattern, topic) => {
      const source = pattern.split(".").map((part) =>
        part === "**" ? "[^.]+(\\.[^.]+)*" : part === "*" ? "[^.]+" : part
      );
      assertStrictEquals(matchesTopic(pattern, topic), new RegExp(`^${source.join("\\.")}$`).test(topic));
    }),
    { numRuns: 1_000 },
  );
});

Deno.test("isTopic() takes segments of lower-case letters, digits, - and _, and nothing else", () => {
  for (const topic of ["a", "clock.hour", "a_b.c-d.0", "a".repeat(256)]) assert(isTopic(topic), topic);
  const refused = [
    "",
    ".",
    "a.",
    ".a",
    "a..b",
    "A",
    "a b",
    "a.*",
    "**",
    "ä",
    "a\n",
    "a/b",
    "a".repeat(257),
    "__proto__.\u0000",
  ];
  for (const topic of refused) assert(!isTopic(topic), topic);
});
