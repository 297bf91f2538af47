import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import { type BindingQuestion, type Bindings, bindUses, type Use } from "../../src/solver/bindings.ts";
import { findCycles } from "../../src/solver/cycles.ts";

/** A question from words: `a needs b`, `a uses x: b c`, `a may use x: b`; every plugin named is there. */
function question(...lines: string[]): BindingQuestion {
  const ids = new Set<string>();
  const needs: { from: string; to: string }[] = [];
  const uses: Use[] = [];
  for (const line of lines) {
    const [, from = "", how, rest = ""] = /^(\w+)(?: (needs|uses|may use) (.*))?$/.exec(line)!;
    ids.add(from);
    if (how === "needs") needs.push({ from, to: rest });
    if (how === undefined || how === "needs") continue;
    const [name = "", list = ""] = rest.split(": ");
    const candidates = list.split(" ").filter((id) => id !== "");
    uses.push({ consumer: from, name, optional: how === "may use", candidates });
  }
  return { ids: [...ids], needs, uses };
}

function show({ startable, bindings }: Bindings): string[] {
  return [
    [...startable].sort().join(" "),
    ...[...bindings].flatMap(([id, own]) => [...own].map(([name, provider]) => `${id} ${name} ${provider}`))
      .sort(),
  ];
}

Deno.test("bindUses() takes the best candidate that can start, and the next where it cannot", () => {
  const lines = ["app uses x: high low", "high needs gone", "low", "other may use x: high low"];
  assertEquals(show(bindUses(question(...lines))), ["app low other", "app x low", "other x low"]);
  assertEquals(show(bindUses(question(...lines, "gone"))), [
    "app gone high low other",
    "app x high",
    "other x high",
  ]);
});

Deno.test("bindUses() leaves out whoever nothing can serve, and whoever needs that in turn", () => {
  assertEquals(
    show(bindUses(question(
      "app uses x: mid",
      "mid uses y: deep",
      "deep uses z:",
      "user needs app",
      "calm may use x: mid",
      "calm may use none:",
    ))),
    ["calm"],
  );
});

Deno.test("bindUses() goes round a cycle by the next candidate, for the one that can start first", () => {
  // q, the best for p, itself waits for p.
  assertEquals(show(bindUses(question("p uses x: q r", "q needs p", "r"))), ["p q r", "p x r"]);
  // Whoever only depends on the knot keeps its best.
  assertEquals(
    show(bindUses(question("p uses x: q r", "q uses y: p", "r", "fan uses x: q r"))),
    ["fan p q r", "fan x q", "p x r", "q y p"],
  );
  // Two that are best for each other: the one with a way out gives way, by id where both have one.
  assertEquals(
    show(bindUses(question("a uses x: b s", "b uses y: a", "s"))),
    ["a b s", "a x s", "b y a"],
  );
  assertEquals(
    show(bindUses(question("a uses x: b s", "b uses y: a s", "s"))),
    ["a b s", "a x s", "b y a"],
  );
});

Deno.test("bindUses() cannot start a cycle without a way out", () => {
  assertEquals(show(bindUses(question("a uses x: b", "b uses y: a", "c"))), ["c"]);
  assertEquals(show(bindUses(question("a uses x: a", "b uses x: a"))), [""]);
});

const anyQuestion: fc.Arbitrary<BindingQuestion> = fc.record({
  needs: fc.array(fc.tuple(fc.nat(7), fc.nat(9)), { maxLength: 5 }),
  uses: fc.array(
    fc.tuple(
      fc.nat(7),
      fc.constantFrom("x", "y", "z"),
      fc.boolean(),
      fc.uniqueArray(fc.nat(9), { maxLength: 4 }),
    ),
    { maxLength: 14 },
  ),
}).map(({ needs, uses }) => ({
  // p8 and p9 are named and not there.
  ids: Array.from({ length: 8 }, (_, index) => `p${index}`),
  needs: needs.map(([from, to]) => ({ from: `p${from}`, to: `p${to}` })),
  uses: [...new Map(uses.map((use) => [`${use[0]} ${use[1]}`, use])).values()]
    .map(([consumer, name, optional, candidates]) => ({
      consumer: `p${consumer}`,
      name,
      optional,
      candidates: candidates.map((id) => `p${id}`),
    })),
}));

/** What can start, found as simply as possible. */
function findStartable({ ids, needs, uses }: BindingQuestion): string[] {
  const found = new Set<string>();
  for (let before = -1; before < found.size;) {
    before = found.size;
    for (const id of ids) {
      const met = needs.every(({ from, to }) => from !== id || found.has(to)) &&
        uses.every((use) =>
          use.consumer !== id || use.optional || use.candidates.some((candidate) => found.has(candidate))
        );
      if (met) found.add(id);
    }
  }
  return [...found].sort();
}

Deno.test("bindUses() lets everything start that can, and passes over a candidate only for a cycle", () => {
  fc.assert(
    fc.property(anyQuestion, (asked) => {
      const { startable, bindings } = bindUses(asked);
      assertEquals([...startable].sort(), findStartable(asked));
      const reversed = { ...asked, ids: asked.ids.toReversed(), uses: asked.uses.toReversed() };
      assertEquals(show(bindUses(reversed)), show({ startable, bindings }));
      assert([...bindings.keys()].every((id) => startable.has(id)));

      const required = asked.uses.filter(({ consumer, optional }) => startable.has(consumer) && !optional);
      const firm = asked.needs.filter(({ from }) => startable.has(from));
      const bound = required.map(({ consumer, name }) => ({
        from: consumer,
        to: bindings.get(consumer)!.get(name)!,
      }));
      assertEquals(findCycles([...startable], [...firm, ...bound]), []);

      /** Every provider that a use was or may have been bound to on the way. */
      const tried = required.flatMap(({ consumer, name, candidates }) =>
        candidates.slice(0, candidates.indexOf(bindings.get(consumer)!.get(name)!) + 1)
          .filter((id) => startable.has(id)).map((to) => ({ from: consumer, to }))
      );
      for (const { consumer, name, optional, candidates } of asked.uses) {
        if (!startable.has(consumer)) continue;
        const chosen = bindings.get(consumer)?.get(name);
        const better = candidates.slice(0, chosen === undefined ? undefined : candidates.indexOf(chosen))
          .filter((id) => startable.has(id));
        if (chosen !== undefined) assert(candidates.includes(chosen) && startable.has(chosen));
        for (const id of better) {
          assertStrictEquals(optional, false, `${consumer} could do with ${id} for ${name}`);
          assert(reaches(id, consumer, [...firm, ...tried]), `${consumer} passed over ${id} for ${name}`);
        }
      }
    }),
    { numRuns: 2_000 },
  );
});

function reaches(from: string, to: string, edges: readonly { from: string; to: string }[]): boolean {
  const seen = new Set([from]);
  for (const id of seen) for (const edge of edges) if (edge.from === id) seen.add(edge.to);
  return seen.has(to);
}

Deno.test("bindUses() comes through hundreds of plugins that all provide for each other", () => {
  const ids = Array.from({ length: 300 }, (_, index) => `p${index}`);
  const uses = ids.slice(1).map((consumer) => ({
    consumer,
    name: "x",
    optional: false,
    candidates: ids.filter((id) => id !== consumer).reverse(),
  }));
  const { startable, bindings } = bindUses({ ids, needs: [], uses });
  assertStrictEquals(startable.size, ids.length);
  const edges = [...bindings].map(([from, own]) => ({ from, to: own.get("x")! }));
  assertEquals(findCycles(ids, edges), []);
});
