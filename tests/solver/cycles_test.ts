import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { findCycles } from "../../src/solver/cycles.ts";

/** Edges written as `a>b`. */
function edges(text: string): { from: string; to: string }[] {
  return text.split(" ").filter(Boolean).map((pair) => ({ from: pair[0]!, to: pair[2]! }));
}

Deno.test("findCycles() finds each knot once, and shows one way round it", () => {
  const find = (ids: string, text: string) => findCycles([...ids], edges(text)).sort();
  assertEquals(find("abc", "a>b b>c"), []);
  assertEquals(find("abc", "a>b b>c c>a"), [["a", "b", "c"]]);
  assertEquals(find("abc", "c>b b>a a>c"), [["a", "c", "b"]]);
  assertEquals(find("abcde", "a>b b>a c>d d>c e>a"), [["a", "b"], ["c", "d"]]);
  assertEquals(find("ab", "a>a a>b"), [["a"]]);
  assertEquals(find("abcd", "a>b b>a b>c c>d d>b"), [["a", "b"]]);
});

Deno.test("findCycles() finds a cycle exactly where a plugin can reach itself", () => {
  const ids = [..."abcdef"];
  const id = fc.constantFrom(...ids);
  fc.assert(
    fc.property(fc.array(fc.record({ from: id, to: id }), { maxLength: 14 }), (edges) => {
      const reach = (start: string) => {
        const seen = new Set<string>();
        const queue = [start];
        for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
          for (const { to } of edges.filter(({ from }) => from === at)) {
            if (!seen.has(to)) queue.push(to);
            seen.add(to);
          }
        }
        return seen;
      };
      const cycles = findCycles(ids, edges);
      for (const cycle of cycles) {
        for (const [index, from] of cycle.entries()) {
          const to = cycle[(index + 1) % cycle.length];
          assert(edges.some((edge) => edge.from === from && edge.to === to), cycle.join());
        }
        assertEquals(new Set(cycle).size, cycle.length);
      }
      const knots = new Set(
        ids.filter((id) => reach(id).has(id)).map((id) =>
          [...reach(id)].filter((other) => reach(other).has(id)).sort().join()
        ),
      );
      assertEquals(cycles.length, knots.size);
    }),
    { numRuns: 500 },
  );
});
