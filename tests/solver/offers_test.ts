import { assertEquals } from "@std/assert";
import { collectOffers, fitsRange } from "../../src/solver/offers.ts";

Deno.test("collectOffers() sorts by version, then by id, whatever the order in which plugins come", () => {
  const plugins: { id: string; provides: Record<string, string> }[] = [
    { id: "a.low", provides: { x: "1.9.0", toString: "1.0.0" } },
    { id: "b.high", provides: { x: "1.10.0" } },
    { id: "c.high", provides: { x: "1.10.0+build" } },
    { id: "d.next", provides: { x: "2.0.0-rc.1" } },
  ];
  const expected = [["d.next", "b.high", "c.high", "a.low"], ["a.low"], undefined];
  for (const order of [plugins, plugins.toReversed()]) {
    const offers = collectOffers(order);
    assertEquals(
      ["x", "toString", "constructor"].map((name) => offers.get(name)?.map(({ id }) => id)),
      expected,
    );
  }
});

Deno.test("fitsRange() takes a prerelease only where the range names one", () => {
  const rc = { id: "a.a", version: "2.0.0-rc.1" };
  assertEquals(["^2", "^2.0.0-rc", "*", "^1"].map((range) => fitsRange(rc, range)), [
    false,
    true,
    false,
    false,
  ]);
});
