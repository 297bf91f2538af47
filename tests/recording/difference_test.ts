import { assertEquals } from "@std/assert";
import { findDifference } from "../../src/recording/difference.ts";

Deno.test("findDifference() names the first place where two values differ", () => {
  const cases: [expected: unknown, actual: unknown, path: string | undefined][] = [
    [1, 1, undefined],
    [1, "1", ""],
    [null, undefined, ""],
    [{ a: 1, b: [1, { c: 2 }] }, { b: [1, { c: 2 }], a: 1 }, undefined],
    [{ a: 1, b: [1, { c: 2 }] }, { a: 1, b: [1, { c: 3 }] }, "b.1.c"],
    [{ z: 1, a: 1 }, { z: 2, a: 2 }, "z"],
    [[1, 2], [1, 2, 3], "2"],
    [[1, 2, 3], [1, 2], "2"],
    [{ a: 1 }, { a: 1, b: 2 }, "b"],
    [{ a: undefined }, {}, undefined],
    [[], {}, ""],
    [{}, null, ""],
    [new Uint8Array([1, 2]), new Uint8Array([1, 2]), undefined],
    [{ x: new Uint8Array([1, 2]) }, { x: new Uint8Array([1, 3]) }, "x"],
    [new Uint8Array([1]), [1], ""],
    [{}, JSON.parse('{"__proto__":{"a":1}}'), "__proto__"],
    [{}, JSON.parse('{"constructor":1}'), "constructor"],
    [{ toString: 1 }, {}, "toString"],
  ];
  for (const [expected, actual, path] of cases) {
    assertEquals(findDifference(expected, actual)?.path.join("."), path, JSON.stringify([expected, actual]));
  }
});

Deno.test("findDifference() tells both values, and passes over what is ignored", () => {
  const [expected, actual] = [{ a: { t: 1, v: 1 } }, { a: { t: 2, v: 3 } }];
  assertEquals(findDifference(expected, actual), { path: ["a", "t"], expected: 1, actual: 2 });
  const found = findDifference(expected, actual, (path) => path.join(".") === "a.t");
  assertEquals(found, { path: ["a", "v"], expected: 1, actual: 3 });
  assertEquals(findDifference(expected, actual, (path) => path.join(".") === "a"), undefined);
});
