import { assertEquals } from "@std/assert";
import { orderStages } from "../../src/solver/stages.ts";

/** Edges written as `a>b`, or `a?b` where `a` can do without. */
function order(nodes: Readonly<Record<string, number>>, edges: string): string[] {
  const stages = orderStages(
    Object.entries(nodes).map(([id, phase]) => ({ id, phase })),
    edges.split(" ").filter(Boolean).map((pair) => ({
      from: pair[0]!,
      to: pair[2]!,
      optional: pair[1] === "?",
    })),
  );
  return stages.map(({ phase, ids }) => `${phase} ${ids.join("")}`);
}

Deno.test("orderStages() makes a stage of everything whose needs are met", () => {
  assertEquals(order({ c: 0, b: 0, a: 0, d: 0 }, "a>b b>c"), ["0 cd", "0 b", "0 a"]);
  assertEquals(order({ a: 0, b: 0 }, "a>b a>b a?b"), ["0 b", "0 a"]);
  assertEquals(order({}, ""), []);
});

Deno.test("orderStages() keeps phases apart, whatever could start earlier", () => {
  assertEquals(order({ a: 1, b: 0, c: 3, d: 1 }, "a>b c>a"), ["0 b", "1 ad", "3 c"]);
});

Deno.test("orderStages() ignores who is not there, and who waits for itself", () => {
  assertEquals(order({ a: 0, b: 0 }, "a>x x>b b?b"), ["0 ab"]);
});

Deno.test("orderStages() cuts one optional edge after the other, the first by id", () => {
  assertEquals(order({ a: 0, b: 0, c: 0 }, "a?b b?c c?a"), ["0 a", "0 c", "0 b"]);
  assertEquals(order({ a: 0, b: 0, c: 0 }, "a>b b?a c>a"), ["0 b", "0 a", "0 c"]);
});
