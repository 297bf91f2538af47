import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { parseListenOptions } from "../../src/bus/listen_options.ts";
import { CordonError } from "../../src/errors.ts";

Deno.test("parseListenOptions() fills in defaults and takes every option there is", () => {
  const defaults = { overflow: "drop-oldest", queue: 1024, from: "retained", rewind: false } as const;
  assertEquals(parseListenOptions(), defaults);
  assertEquals(parseListenOptions({}), defaults);
  for (const overflow of ["drop-oldest", "drop-newest", "block", "disconnect"] as const) {
    assertEquals(
      parseListenOptions({ overflow, queue: 1, from: { position: 1 }, name: "a.b", rewind: true }),
      {
        overflow,
        queue: 1,
        from: { position: 1 },
        name: "a.b",
        rewind: true,
      },
    );
  }
  assertEquals(parseListenOptions({ from: { time: 0 } }).from, { time: 0 });
});

Deno.test("parseListenOptions() refuses everything else with a typed error", () => {
  const refused: unknown[] = [
    null,
    7,
    "block",
    { overflow: "drop" },
    { overflow: ["block"] },
    { queue: 0 },
    { queue: 8193 },
    { queue: 1.5 },
    { queue: "9" },
    { name: "" },
    { name: "a b" },
    { name: "x".repeat(65) },
    { name: 1 },
    { rewind: "yes" },
    { from: "then" },
    { from: 7 },
    { from: null },
    { from: {} },
    { from: { position: 0 } },
    { from: { position: -1 } },
    { from: { time: "now" } },
    { from: { position: 1, time: 1 } },
    { unknown: 1 },
    { constructor: 1 },
    [1],
  ];
  for (const options of refused) {
    const error = assertThrows(() => parseListenOptions(options), CordonError);
    assertStrictEquals(error.code, "invalid_input", JSON.stringify(options));
  }
});
